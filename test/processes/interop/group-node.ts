/** A node whose listeners have a group, and one that has none. */
import { DistributedModule, type ServiceEvent } from 'feathers-mesh'
import { obey, stopOnSigterm, tell } from '../obey'

const { LISTENED_PATHS: paths = '', DISCOVERY_PORT: port } = process.env

const mesh = DistributedModule.forRoot({ key: 'grouped', cote: { port: Number(port) } })

interface Notes {
  readonly archived: ServiceEvent<unknown>
}

for (const path of paths.split(',')) {
  const notes = mesh.remote<Notes>(path)
  notes.on('archived', () => tell('heard', `${path} in a group`), { group: 'archive' })
  notes.on('archived', () => tell('heard', `${path} without a group`))
}

stopOnSigterm(() => mesh.stop())

obey({ start: () => mesh.start() })
