import { TestProcesses, type TestProcess } from '../process'
import { hasNats, NatsServer } from '../transport/nats/nats-server'

// Many processes start here, on whatever machine this is.
jest.setTimeout(60_000)

describe.each(hasNats ? ['cote', 'NATS'] : ['cote'])('a group whose members are processes, on %s', transport => {
  const processes = new TestProcesses()
  let server: NatsServer | undefined

  beforeEach(async () => { if (transport === 'NATS') server = await NatsServer.start() })
  // Behind the processes, which would say that it is lost.
  afterEach(async () => {
    await processes.endAll()
    await server?.stop()
  })

  async function start (program: string, env: NodeJS.ProcessEnv = {}): Promise<TestProcess> {
    const meeting = server === undefined ? {} : { MESH_TRANSPORT: server.url }
    const started = await processes.run(program, { ...meeting, ...env })
    await started.ask('start')
    return started
  }

  const jobs = (...nodes: TestProcess[]): string[] => nodes.flatMap(node => node.told<string>('job'))
  const all = (name: string, to: number, from = 0): string[] =>
    Array.from({ length: to - from }, (_, n) => `${name}${from + n}`).sort()

  /** Emits until each member had an event of this publisher, and no other one counts; returns how many there were. */
  async function meet (name: string, publisher: TestProcess, ...members: TestProcess[]): Promise<number> {
    let sent = 0
    await publisher.until('each member to get an event', async () => {
      sent = await publisher.ask<number>('emit', members.length)
      return members.every(member => jobs(member).some(job => job.startsWith(name)))
    })
    return sent
  }

  it('hears each event of two publishers once, in even shares, the publisher that is a member included', async () => {
    const [a, b, ...members] = await Promise.all([
      start('group-publisher', { MEMBER: 'yes' }), start('group-publisher', { NAME: 'B' }), start('group-member'),
      start('group-member')
    ])
    // B publishes some before it knows any member: those are lost, and told.
    const before = { A: await meet('A', a, a, ...members), B: await meet('B', b, a, ...members) }
    const later = (node: TestProcess): string[] => jobs(node)
      .filter(job => Number(job.slice(1)) >= (job.startsWith('A') ? before.A : before.B))
    const [ofA, ofB] = await Promise.all([a.ask<number>('emit', 300), b.ask<number>('emit', 300)])
    const heard = (): string[] => [a, ...members].flatMap(later)
    await a.until('all events', () => heard().length >= 600)
    expect(heard().sort()).toEqual([...all('A', ofA, before.A), ...all('B', ofB, before.B)].sort())
    expect([a, ...members].map(node => later(node).length)).toEqual([200, 200, 200])
    expect(new Set(jobs(a, ...members)).size).toBe(jobs(a, ...members).length)
  })

  it('loses and doubles nothing while members come and stop under load', async () => {
    const publisher = await start('group-publisher')
    const first = await start('group-member')
    await meet('A', publisher, first)
    await publisher.ask('startLoad', 5)
    const members = [first]
    for (let round = 0; round < 3; round++) {
      const [next, last] = [await start('group-member'), members[members.length - 1]]
      members.push(next)
      await next.until('its share', () => jobs(next).length > 20)
      expect(await last.stop()).toBe(0)
    }
    const sent = await publisher.ask<number>('stopLoad')
    // What was published before the publisher knew a member is lost, and told.
    const lost = Number(jobs(first)[0].slice(1))
    await publisher.until('all events', () => jobs(...members).length >= sent - lost)
    expect(jobs(...members).sort()).toEqual(all('A', sent, lost))
    const gaps = lost === 0 ? [] : [{ reason: 'disconnected', missed: lost }]
    expect(members.map(member => member.told('gap'))).toEqual([gaps, [], [], []])
  })

  it('tells each living member of a killed one, and loses nothing else', async () => {
    const publisher = await start('group-publisher', { MEMBER: 'yes' })
    const living = await Promise.all([start('group-member'), start('group-member')])
    const dead: TestProcess[] = []
    await meet('A', publisher, publisher, ...living)
    await publisher.ask('startLoad', 5)
    for (let round = 1; round <= 3; round++) {
      const victim = await start('group-member')
      await victim.until('its share', () => jobs(victim).length > 20)
      await victim.kill()
      dead.push(victim)
      for (const node of [publisher, ...living]) await node.hears('gap', round)
    }
    const sent = await publisher.ask<number>('stopLoad')
    const heard = (): string[] => jobs(publisher, ...living, ...dead)
    // After the last event of all, nothing comes any more.
    const last = `A${await publisher.ask<number>('emit', 3) - 1}`
    await publisher.until('the last event', () => heard().includes(last))
    await publisher.until('the rest', () => heard().length > sent - 300)
    expect(new Set(heard()).size).toBe(heard().length)
    expect(heard().length).toBeGreaterThan(sent - 300)
    for (const node of [publisher, ...living]) {
      expect(node.told('gap')).toEqual(Array(3).fill({ reason: 'disconnected' }))
    }
  })

  it('tells its members when a publisher is killed', async () => {
    const publisher = await start('group-publisher')
    const members = await Promise.all([start('group-member'), start('group-member')])
    await meet('A', publisher, ...members)
    await publisher.kill()
    for (const member of members) expect(await member.hears('gap')).toEqual([{ reason: 'disconnected' }])
  })
})
