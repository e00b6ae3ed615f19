import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Unavailable } from '@feathersjs/errors'

export interface Todo { id: number, title: string, done: boolean }

interface Content { lastId: number, todos: Todo[] }

const lockTries = 200

const firstTitles = ['Add a todo', 'Complete this one', 'Stop a replica and go on working']

/**
 * A JSON file that both replicas share, in place of a database.
 *
 * Its lock is a second file, which a replica acquires by renaming it. Of several that try, one succeeds, and the new
 * name tells which one holds the lock. So a lock that a killed replica left behind can be recognized without a timeout.
 */
export class TodoStore {
  constructor (private readonly file: string, private readonly replica: string) {}

  /** Opens the file for a replica; the first one creates it. */
  static open (file: string, replica: string, titles: readonly string[] = firstTitles): TodoStore {
    const store = new TodoStore(file, replica)
    // An earlier process of this replica may have been killed while it held the lock.
    if (!store.create(titles)) TodoStore.unlock(file, replica)
    return store
  }

  /** Releases the lock if this replica, whose process has exited, still held it. */
  static unlock (file: string, replica: string): void {
    try {
      renameSync(heldLock(file, replica), freeLock(file))
    } catch (error) {
      if (!isMissing(error)) throw error
    }
  }

  read (): Content {
    return JSON.parse(readFileSync(this.file, 'utf8')) as Content
  }

  /** Changes the content atomically: no other change comes between, and readers see all of it or nothing. */
  async change<T> (edit: (content: Content) => T): Promise<T> {
    await this.lock()
    try {
      const content = this.read()
      const result = edit(content)
      renameSync(this.write(content), this.file)
      return result
    } finally {
      TodoStore.unlock(this.file, this.replica)
    }
  }

  /** Creates the file with its lock. Returns false if another replica has done so. */
  private create (titles: readonly string[]): boolean {
    const todos = titles.map((title, index) => ({ id: index + 1, title, done: false }))
    const made = this.write({ lastId: todos.length, todos })
    try {
      linkSync(made, this.file)
      writeFileSync(freeLock(this.file), '')
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      return false
    } finally {
      rmSync(made)
    }
  }

  /** Writes the content to a second file, so that readers never see half of it. Returns its name. */
  private write (content: Content): string {
    const next = `${this.file}.${this.replica}`
    writeFileSync(next, JSON.stringify(content))
    return next
  }

  private async lock (): Promise<void> {
    for (let tries = 0; tries < lockTries; tries++) {
      try {
        return renameSync(freeLock(this.file), heldLock(this.file, this.replica))
      } catch (error) {
        if (!isMissing(error)) throw error
      }
      await delay(2 + Math.random() * 6)
    }
    throw new Unavailable('The todo file stayed locked by another process; try again')
  }
}

const freeLock = (file: string) => `${file}.lock`
const heldLock = (file: string, replica: string) => `${file}.lock.${replica}`
const isMissing = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ENOENT'
