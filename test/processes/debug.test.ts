import { TestProcesses, type TestProcess } from '../process'

const DEBUG = { DEBUG: 'feathers-mesh*' }

/** What a process printed under DEBUG, line by line, without the time and the colours. */
const linesOf = (process: TestProcess): string[] =>
  process.printed.split('\n').filter(line => line.includes('feathers-mesh:')).map(line => line.replace(/^.*?feathers-mesh:/, ''))

async function line (process: TestProcess, pattern: RegExp): Promise<string> {
  return await process.until(`a line like ${pattern}`, () => linesOf(process).find(found => pattern.test(found)))
}

describe('DEBUG=feathers-mesh*', () => {
  const processes = new TestProcesses()

  it('shows where a node listens, where it searches, which nodes it finds and what they offer', async () => {
    const host = await processes.run('host', DEBUG)
    await host.ask('start')
    const id = await host.ask<string>('id')
    const consumer = await processes.run('consumer', DEBUG)
    await consumer.ask('start')

    expect(await line(host, /listens on/)).toMatch(new RegExp(`^cote node \\S+ \\(${id}\\) \\(key default\\) listens on 127\\.0\\.0\\.1:\\d+`))
    const where = /^cote looks for other nodes by broadcast to 127\.255\.255\.255, UDP port 12345, environment 'test-/
    await line(consumer, where)
    await line(consumer, new RegExp(`^cote found node ${id} \\(key default\\) at 127\\.0\\.0\\.1:\\d+`))
    await line(consumer, new RegExp(`^cote node \\S+ \\(${id}\\) offers: todos`))
    await host.stop()
    await line(consumer, new RegExp(`^cote node ${id} left: goodbye`))
  })

  it('shows once which nodes are ignored because of their environment, with its name made safe', async () => {
    const consumer = await processes.run('consumer', DEBUG)
    void consumer.try('start')
    await line(consumer, /looks for other nodes/)
    const stranger = await processes.run('host', { COTE_ENV: 'else\nwhere\u202e' })
    await stranger.ask('start')
    await line(consumer, /^cote ignored a node at 127\.0\.0\.1: its environment is 'else.where.', this node's is 'test-/)
    // It says hello several times when it starts, and its goodbye has no environment.
    expect(await stranger.stop()).toBe(0)
    // Nodes of other tests that run at the same time are ignored as well.
    expect(linesOf(consumer).filter(found => found.includes("environment is 'else"))).toHaveLength(1)
  })

  it('shows what is rejected and why, without any secret', async () => {
    const secret = 'the secret of one side of two'
    const consumer = await processes.run('consumer', DEBUG)
    void consumer.try('start')
    await line(consumer, /looks for other nodes/)
    const guarded = await processes.run('host', { ...DEBUG, MESH_SECRET: secret })
    await guarded.ask('start')
    await line(consumer, /^refusals refused a hello of a mesh that has a secret or certificates, while this node has none/)
    await line(guarded, /^refusals refused a hello without proof: 127\.0\.0\.1/)
    expect(consumer.printed + guarded.printed).not.toContain(secret)
  })

  it('shows nothing when it is not set', async () => {
    const host = await processes.run('host', { DEBUG: '' })
    await host.ask('start')
    expect(linesOf(host)).toEqual([])
  })
})
