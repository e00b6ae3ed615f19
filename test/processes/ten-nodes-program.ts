/** Ten nodes in one process, from start to stop; after that nothing should be left that holds the process. */
import { obey, release } from './obey'
import { runTenNodes } from './ten-nodes'

obey({
  run: async () => {
    const report = await runTenNodes(process.env.COTE_ENV ?? '')
    setImmediate(release)
    return report
  }
})
