import { join } from 'node:path'
import ts from 'typescript'

const ROOT = join(__dirname, '../..')

/**
 * What an editor asks about one file under the options of this project.
 *
 * @param source - the text of the file; what is on disk without it
 */
export function languageService (file: string, source?: string): ts.LanguageService {
  const config = ts.readConfigFile(join(ROOT, 'tsconfig.json'), path => ts.sys.readFile(path))
  const { options } = ts.parseJsonConfigFileContent({ ...config.config as object, include: [] }, ts.sys, ROOT)
  const read = (path: string): string | undefined =>
    path === file && source !== undefined ? source : ts.sys.readFile(path)
  return ts.createLanguageService({
    fileExists: path => path === file || ts.sys.fileExists(path),
    readFile: read,
    directoryExists: path => ts.sys.directoryExists(path),
    getCompilationSettings: () => options,
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => [file],
    getScriptSnapshot: path => {
      const text = read(path)
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text)
    },
    getScriptVersion: () => '1'
  })
}
