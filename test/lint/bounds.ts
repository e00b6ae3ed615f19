/** How far the figures of lib/ may go, and what breaks a bound. */
import { percentile, SMALL_FILE_LINES, type Finding, type Measures } from './measures'

/** What is held to a bound: its figure, and the places to mend when it goes too far. */
export interface Bounded {
  readonly title: string
  readonly figure: number
  readonly most: number
  readonly places: readonly string[]
}

const MAX_FUNCTION_LINES = 30
const MAX_FILE_LINES = 300
const MAX_FILES_IN_FOLDER = 16

export const perThousand = (count: number, { codeLines }: Measures): number => count / Math.max(1, codeLines) * 1_000

export const share = (count: number, all: number): number => all === 0 ? 0 : count / all * 100

export const sizes = (findings: readonly Finding[]): number[] => findings.map(({ size }) => size)

const told = ({ at, size, what }: Finding): string => size === 1 ? `${at} ${what}` : `${at} ${what}, ${size} lines`

const above = (findings: readonly Finding[], most: number): string[] => {
  return findings.filter(({ size }) => size > most).sort((a, b) => b.size - a.size).map(told)
}

export function boundsOf (measures: Measures): Bounded[] {
  const { files, functions, casts, anys, nonNulls, undocumented, exportCount, cycles, folders } = measures
  const small = files.filter(({ size }) => size < SMALL_FILE_LINES)
  const fullFolders = [...folders].filter(([, count]) => count > MAX_FILES_IN_FOLDER)
  const longFunctions = above(functions, MAX_FUNCTION_LINES)
  const fullFolder = Math.max(0, ...folders.values())
  return [
    bounded('lines of a function, p99', percentile(sizes(functions), 0.99), MAX_FUNCTION_LINES, longFunctions),
    bounded('lines of a file, at most', Math.max(0, ...sizes(files)), MAX_FILE_LINES, above(files, MAX_FILE_LINES)),
    bounded(`files under ${SMALL_FILE_LINES} lines, %`, share(small.length, files.length), 4, small.map(told)),
    bounded('files in one folder, at most', fullFolder, MAX_FILES_IN_FOLDER, fullFolders.map(folderOf)),
    // Below eight: the bound itself is one too many.
    bounded('casts per 1,000 lines', perThousand(casts.length, measures), 7.99, casts.map(told)),
    bounded('any', anys.length, 0, anys.map(told)),
    bounded('non-null !', nonNulls.length, 0, nonNulls.map(told)),
    bounded('exports without a comment, %', share(undocumented.length, exportCount), 0, undocumented.map(told)),
    bounded('import cycles', cycles.length, 0, cycles.map(files => files.join(' <-> ')))
  ]
}

function bounded (title: string, figure: number, most: number, places: readonly string[]): Bounded {
  return { title, figure, most, places }
}

function folderOf ([folder, count]: [string, number]): string {
  return `lib/${folder === '.' ? '' : folder} has ${count} files`
}

/** Those that went too far. */
export function broken (bounds: readonly Bounded[]): Bounded[] {
  return bounds.filter(({ figure, most }) => figure > most)
}
