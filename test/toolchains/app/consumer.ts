import { DistributedModule } from 'feathers-mesh'
import { Dashboard } from './dashboard'

/** The process that calls: it prints one line, and ends. */
async function main (): Promise<void> {
  const mesh = DistributedModule.forRoot({
    remotes: ['todos'],
    timeout: 10_000,
    cote: { broadcast: '127.255.255.255', environment: process.env.TOOLCHAIN_TEST }
  })
  await mesh.start()
  console.log(`results: ${await mesh.resolve(Dashboard).results()}`)
  await mesh.stop()
}

void main()
