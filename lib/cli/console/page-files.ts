import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

/** The page, beside the build: as it is written, so that nobody has to build it. */
const FOLDER = join(__dirname, '../../../console')

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8', '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8'
}

/** A file of the page. */
export interface PageFile {
  readonly type: string
  readonly body: Buffer
}

/** Reads the files of the page, by their paths. No request names a file of the disk. */
export function readPage (): ReadonlyMap<string, PageFile> {
  const files = readdirSync(FOLDER).map((name): [string, PageFile] =>
    [`/${name}`, { type: TYPES[extname(name)] ?? 'text/plain', body: readFileSync(join(FOLDER, name)) }])
  const page = new Map(files)
  const index = page.get('/index.html')
  return index === undefined ? page : page.set('/', index)
}
