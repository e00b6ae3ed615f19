import type { TestProcess } from '../process'
import type { CallReport } from '../processes/interop/call-load'
import type { Outcome, PlainError } from '../processes/messages'
import type { Note } from '../processes/interop/notes-service'
import { answers, call, InteropMesh, knows, NEW, OLD_PLUGINS } from './interop-mesh'

// Many processes start here, on whatever machine this is.
jest.setTimeout(60_000)

describe.each(OLD_PLUGINS)('replicas of feathers-distributed %s and of ours behind one key', (_version, OLD) => {
  const mesh = new InteropMesh()
  const replica = { key: 'notes', paths: ['notes'] }
  let oldReplica: TestProcess
  let oldConsumer: TestProcess
  let newConsumer: TestProcess

  beforeAll(async () => {
    [oldReplica, , oldConsumer, newConsumer] = await Promise.all([
      mesh.node('old replica', OLD, replica),
      mesh.node('new replica', NEW, replica),
      mesh.node('old consumer', OLD, { key: 'old consumer' }),
      mesh.node('new consumer', NEW, { key: 'new consumer' })
    ])
    await Promise.all([knows(oldConsumer, 'notes'), knows(newConsumer, 'notes')])
  })

  afterAll(async () => await mesh.end())

  /** The nodes that answer this number of concurrent calls; fails with their errors. */
  async function whoAnswers (consumer: TestProcess, times = 20): Promise<string[]> {
    const outcomes = await consumer.ask<Outcome[]>('calls', { path: 'notes', method: 'get', args: [1], times })
    expect(outcomes.filter(outcome => 'error' in outcome)).toEqual([])
    return [...new Set(outcomes.map(outcome => ((outcome as { value: Note }).value).node))].sort()
  }

  it.each([
    ['an old', () => oldConsumer], ['a new', () => newConsumer]
  ])('both serve %s consumer', async (_what, consumer) => {
    // Connections to replicas are made one after the other, and by old nodes at the next hello only.
    await consumer().until('answers of both replicas', async () => (await whoAnswers(consumer())).length === 2)
    expect(await whoAnswers(consumer())).toEqual(['new replica', 'old replica'])
  })

  it('receive only calls for paths that they host from our consumer', async () => {
    const others = { key: 'notes', paths: ['files'] }
    await Promise.all([mesh.node('old stranger', OLD, others), mesh.node('new stranger', NEW, others)])
    await knows(newConsumer, 'files')
    const strangers = async (): Promise<boolean> => {
      const outcomes = await newConsumer.ask<Outcome[]>('calls', { path: 'files', method: 'find', times: 10 })
      return new Set(outcomes.map(outcome => 'value' in outcome && (outcome.value as Note[])[0].node)).size === 2
    }
    await newConsumer.until('answers of both strangers', strangers)
    expect(await whoAnswers(newConsumer, 60)).toEqual(['new replica', 'old replica'])
  })

  it.each([
    ['is stopped', async () => { await oldReplica.stop() }], ['is killed', async () => { await oldReplica.kill() }]
  ])('lose no read of our consumer when the old one %s under load', async (_what, end) => {
    await newConsumer.ask('startLoad', ['find', 'get'])
    await answers(newConsumer, ['old replica', 'new replica'])
    await end()
    await answers(newConsumer, ['new replica'])
    oldReplica = await mesh.node('old replica', OLD, replica)
    await answers(newConsumer, ['old replica', 'new replica'])
    const { failures } = await newConsumer.ask<CallReport>('stopLoad')
    expect(failures).toEqual([])
  })

  it('may include a decorated class, which serves and validates old and new consumers alike', async () => {
    const path = 'decorated-notes'
    await mesh.decorated('decorated', path)
    for (const consumer of [oldConsumer, newConsumer]) {
      await knows(consumer, path)
      expect(await call(consumer, path, 'archive', { title: 'Buy milk' })).toMatchObject({ node: 'decorated' })
      const outcome = await consumer.try('call', { path, method: 'create', args: [{ title: '' }] })
      expect((outcome as { error: PlainError }).error).toMatchObject({
        name: 'BadRequest', code: 400, errors: [expect.objectContaining({ path: 'title' })]
      })
    }
  })
})
