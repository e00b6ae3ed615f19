import { readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from '../peers'

interface CallFrame {
  readonly functionName: string
  readonly url: string
  readonly lineNumber: number
}

/** The part of a .cpuprofile that is read here. */
interface Profile {
  readonly nodes: ReadonlyArray<{ readonly id: number, readonly callFrame: CallFrame }>
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

/** Where the time of a profile goes, the most first: shares of the time in which the process was not idle. */
export interface SelfTime {
  readonly place: string
  readonly share: number
}

const IDLE = ['(idle)', '(root)']

export function selfTimes (file: string, placeOf: (frame: CallFrame) => string): SelfTime[] {
  const profile = JSON.parse(readFileSync(file, 'utf8')) as Profile
  const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, number>()
  let total = 0
  for (const [n, id] of profile.samples.entries()) {
    const frame = frames.get(id)
    if (frame === undefined || IDLE.includes(frame.functionName)) continue
    const time = profile.timeDeltas[n] ?? 0
    total += time
    times.set(placeOf(frame), (times.get(placeOf(frame)) ?? 0) + time)
  }
  return [...times].map(([place, time]) => ({ place, share: time / total })).sort((a, b) => b.share - a.share)
}

/** A function, with its file and line. */
export function functionOf ({ functionName, url, lineNumber }: CallFrame): string {
  const name = functionName === '' ? '(anonymous)' : functionName
  return url === '' ? name : `${name} ${fileOf(url)}:${lineNumber + 1}`
}

/** The folder of the library, the package or the part of Node that a function is of. */
export function roomOf ({ functionName, url }: CallFrame): string {
  if (url === '') return functionName.startsWith('(') ? functionName : 'native code'
  const file = fileOf(url)
  const modules = file.lastIndexOf('node_modules/')
  if (modules >= 0) return file.slice(modules).split('/').slice(0, file.includes('/@') ? 3 : 2).join('/')
  return file.startsWith('node:') ? 'node' : file.split('/').slice(0, -1).join('/')
}

function fileOf (url: string): string {
  return url.startsWith('file:') ? relative(ROOT, fileURLToPath(url)) : url.startsWith('/') ? relative(ROOT, url) : url
}
