import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Unavailable } from '@feathersjs/errors'

export interface Todo { id: number, title: string, done: boolean }

interface Content { lastId: number, todos: Todo[] }

const lockTries = 200

/**
 * A JSON file that both replicas share, in place of a database.
 *
 * Its lock is a second file, which a process takes by renaming it: of many that try, one succeeds, and the new name
 * says who holds it. So nobody guesses from a clock whether a lock was left behind by a process that was killed.
 */
export class TodoStore {
  constructor (private readonly file: string) {}

  /** Makes the files; the launcher does it before it starts the replicas. */
  static create (file: string, titles: string[]): void {
    const todos = titles.map((title, index) => ({ id: index + 1, title, done: false }))
    writeFileSync(file, JSON.stringify({ lastId: todos.length, todos }))
    writeFileSync(freeLock(file), '')
  }

  /** Frees the lock if the process with this id, which has ended, still held it. */
  static unlock (file: string, pid: number): void {
    try {
      renameSync(heldLock(file, pid), freeLock(file))
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  read (): Content {
    return JSON.parse(readFileSync(this.file, 'utf8')) as Content
  }

  /** Changes the content as one step: no other change comes between, and a reader sees all of it or nothing. */
  async change<T> (edit: (content: Content) => T): Promise<T> {
    await this.lock()
    try {
      const content = this.read()
      const result = edit(content)
      const next = `${this.file}.${process.pid}`
      writeFileSync(next, JSON.stringify(content))
      renameSync(next, this.file)
      return result
    } finally {
      TodoStore.unlock(this.file, process.pid)
    }
  }

  private async lock (): Promise<void> {
    for (let tries = 0; tries < lockTries; tries++) {
      try {
        return renameSync(freeLock(this.file), heldLock(this.file, process.pid))
      } catch (error) {
        if (!isMissing(error)) throw error
      }
      await delay(2 + Math.random() * 6)
    }
    throw new Unavailable('The todo file stayed locked by another process; try again')
  }
}

const freeLock = (file: string) => `${file}.lock`
const heldLock = (file: string, pid: number) => `${file}.lock.${pid}`
const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'
