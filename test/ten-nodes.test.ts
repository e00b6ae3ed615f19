import { watchHandles } from './handles'
import { TestProcesses } from './process'
import { runTenNodes, type TenNodesReport } from './processes/ten-nodes'

describe('ten nodes in one process', () => {
  const processes = new TestProcesses()
  const report: TenNodesReport = {
    calls: 100,
    nodes: Array.from({ length: 10 }, () => 10),
    heard: Array.from({ length: 10 }, () => 100)
  }

  it('start, call each other, receive each event once, and stop without leaving a handle open', async () => {
    const nothingLeft = watchHandles()
    expect(await runTenNodes(`ten-nodes-${process.pid}`)).toEqual(report)
    await nothingLeft()
  })

  it('leave nothing behind that keeps the process alive', async () => {
    const program = await processes.run('ten-nodes-program')
    expect(await program.ask<TenNodesReport>('run')).toEqual(report)
    expect(await program.end()).toBe(0)
  })
})
