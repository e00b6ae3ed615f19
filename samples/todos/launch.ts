import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Launcher, ready, report } from '../launcher'
import { announcement } from '../process'
import { replicaNames } from './messages'
import type { ReplicaName, ReplicaStatus, ToGateway, ToLauncher } from './messages'
import { TodoStore } from './todo-store'

const directory = mkdtempSync(join(tmpdir(), 'feathers-mesh-todos-'))
process.on('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 3 }))

const todosFile = join(directory, 'todos.json')
// The mesh without a name, so that `npx feathers-mesh watch` in another terminal finds it without options.
const launcher = new Launcher('todos', __dirname, '')

class Replica {
  private child?: ChildProcess
  private state: ReplicaStatus['state'] = 'stopped'

  constructor (readonly name: ReplicaName) {}

  get status (): ReplicaStatus {
    return { name: this.name, state: this.state, pid: this.child?.pid }
  }

  async start (): Promise<void> {
    if (this.child || launcher.ending) return
    const child = this.child = launcher.run('replica.js', { REPLICA: this.name, TODOS_FILE: todosFile })
    child.once('exit', () => {
      TodoStore.unlock(todosFile, this.name)
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
    await launcher.end(this.child)
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
const gateway = launcher.require('gateway.js')

function tellGateway (): void {
  const message: ToGateway = { type: 'replicas', replicas: replicas.map(replica => replica.status) }
  // An exiting gateway can't receive messages. Its own 'exit' event is handled by the launcher.
  if (gateway.connected) gateway.send(message, () => {})
}

function hear (message: ToLauncher): void {
  if (message.type !== 'act') return
  const replica = replicas.find(({ name }) => name === message.name)
  replica?.[message.action]().catch(report)
}

async function start (): Promise<void> {
  const [{ url }] = await Promise.all([ready(gateway, 'The gateway'), ...replicas.map(replica => replica.start())])
  if (url) console.log(announcement(url))
}

gateway.on('message', hear)
start().catch(error => launcher.giveUp(error))
