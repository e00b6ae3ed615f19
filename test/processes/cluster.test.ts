import { TestProcesses } from '../process'

interface Report { readonly known: number, readonly answers: readonly number[] }

describe('the workers of node:cluster', () => {
  const processes = new TestProcesses()

  it.each<[string, NodeJS.ProcessEnv]>([
    ['by default', {}],
    ['with a secret', { MESH_SECRET: 'a secret of the cluster' }],
    ['with a range of ports', { FIRST_PORT: String(20_000 + process.pid % 10_000) }]
  ])('are separate nodes that find and call each other and their primary %s', async (_how, env) => {
    const primary = await processes.run('cluster', env)
    await primary.ask('start')
    const pids = await primary.ask<number[]>('pids')
    // A call waits for its host; who is called from everywhere is known everywhere.
    expect((await primary.ask<Report>('report')).answers).toEqual(pids)
    const reports = await primary.ask<Report[]>('reports')
    for (const { answers } of reports) expect(answers).toEqual(pids)
    await primary.until('all know all', async () => {
      const all = [await primary.ask<Report>('report'), ...await primary.ask<Report[]>('reports')]
      return all.every(({ known }) => known === 4)
    })
  })
})
