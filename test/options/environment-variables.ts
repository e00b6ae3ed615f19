/** Sets variables of the environment for a test; they are as they were after it. */
export function setsVariables (): (variables: Readonly<Record<string, string | undefined>>) => void {
  const before = process.env
  const isOfOptions = /^(MESH|COTE|DISCOVERY)_|_DELAY$|_INTERVAL$|_PORT$|^DOCKERCLOUD/

  beforeEach(() => {
    // Those of the machine that runs the tests are not meant.
    process.env = Object.fromEntries(Object.entries(before).filter(([name]) => !isOfOptions.test(name)))
  })
  afterEach(() => { process.env = before })
  return variables => { Object.assign(process.env, variables) }
}
