/** cote's reading of its options and of the environment variables `COTE_…`, which has no types. */
declare module 'cote/src/options-builder' {
  function buildOptions (options: object): Record<string, unknown>
  export = buildOptions
}
