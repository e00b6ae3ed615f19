import ts from 'typescript'

/** Files of packages that were read and parsed, which takes most of the time of a small program. */
const parsed = new Map<string, ts.SourceFile | undefined>()

/** What the compiler reads files by: those of packages once, for all programs of this process. */
export function compilerHost (options: ts.CompilerOptions): ts.CompilerHost {
  const host = ts.createCompilerHost(options)
  return {
    ...host,
    getSourceFile: (path, how, ...rest) => {
      if (!path.includes('/node_modules/')) return host.getSourceFile(path, how, ...rest)
      const { languageVersion, impliedNodeFormat } = typeof how === 'object' ? how : { languageVersion: how }
      const key = [languageVersion, impliedNodeFormat, options.module, options.moduleResolution, path].join(' ')
      if (!parsed.has(key)) parsed.set(key, host.getSourceFile(path, how, ...rest))
      return parsed.get(key)
    }
  }
}
