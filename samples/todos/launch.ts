import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { replicaNames } from './messages'
import type { ReplicaName, ReplicaStatus, ToGateway, ToLauncher } from './messages'
import { stopWhenAsked } from './process'
import { TodoStore } from './todo-store'

/** Milliseconds that a process has to end by itself. */
const patience = 5_000

const directory = mkdtempSync(join(tmpdir(), 'feathers-mesh-todos-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))

const todosFile = join(directory, 'todos.json')
TodoStore.create(todosFile, ['Add a todo', 'Complete this one', 'Stop a replica and go on working'])

// A sample that is started twice is two meshes: nodes of other environments don't see each other.
const environment = process.env.COTE_ENV ?? `todos-${process.pid}`

const children = new Set<ChildProcess>()
let ending = false

function run (program: string, env: NodeJS.ProcessEnv = {}): ChildProcess {
  const child = fork(join(__dirname, program), { env: { ...process.env, COTE_ENV: environment, ...env } })
  children.add(child)
  child.once('exit', () => children.delete(child))
  return child
}

/** Resolves with the first message of a process; rejects when it ended before it sent one. */
function ready (child: ChildProcess, name: string): Promise<ToLauncher> {
  return new Promise((resolve, reject) => {
    child.once('message', resolve)
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`${name} ended before it was ready`)))
  })
}

async function end (child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), patience)
  await ended
  clearTimeout(timer)
}

async function endAll (): Promise<void> {
  ending = true
  await Promise.all([...children].map(end))
}

class Replica {
  private child?: ChildProcess
  private state: ReplicaStatus['state'] = 'stopped'

  constructor (readonly name: ReplicaName) {}

  get status (): ReplicaStatus {
    return { name: this.name, state: this.state, pid: this.child?.pid }
  }

  async start (): Promise<void> {
    if (this.child || ending) return
    const child = this.child = run('replica.js', { REPLICA: this.name, TODOS_FILE: todosFile })
    child.once('exit', () => {
      if (child.pid) TodoStore.unlock(todosFile, child.pid)
      this.child = undefined
      this.become('stopped')
    })
    this.become('starting')
    await ready(child, `Replica ${this.name}`)
    this.become('running')
  }

  async stop (): Promise<void> {
    if (!this.child || this.state === 'stopping') return
    this.become('stopping')
    await end(this.child)
  }

  async kill (): Promise<void> {
    this.child?.kill('SIGKILL')
  }

  private become (state: ReplicaStatus['state']): void {
    this.state = state
    tellGateway()
  }
}

const replicas = replicaNames.map(name => new Replica(name))
const gateway = run('gateway.js')

function tellGateway (): void {
  const message: ToGateway = { type: 'replicas', replicas: replicas.map(replica => replica.status) }
  // A gateway that is ending no longer listens, and its own 'exit' event says so.
  if (gateway.connected) gateway.send(message, () => {})
}

function hear (message: ToLauncher): void {
  if (message.type !== 'act') return
  const replica = replicas.find(({ name }) => name === message.name)
  replica?.[message.action]().catch(report)
}

function report (error: unknown): void {
  console.error(error instanceof Error ? error.message : error)
}

async function giveUp (error: unknown): Promise<void> {
  if (ending) return
  report(error)
  await endAll()
  process.exit(1)
}

async function start (): Promise<void> {
  const [page] = await Promise.all([ready(gateway, 'The gateway'), ...replicas.map(replica => replica.start())])
  if (page.type === 'ready') console.log(`feathers-mesh sample: ${page.url}`)
}

stopWhenAsked(endAll)
gateway.on('message', hear)
gateway.once('exit', () => { void giveUp('The gateway has ended, and the sample with it') })
start().catch(giveUp)
