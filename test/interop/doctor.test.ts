import { CoteTransport } from 'feathers-mesh'
import { showDoctor } from '../../lib/cli/commands/doctor'
import { Output } from '../../lib/cli/output'
import { MeshObserver } from '../../lib/inspection/observer/observer'
import { DISCOVERY_PORT, InteropMesh, OLD_PLUGINS } from './interop-mesh'

jest.setTimeout(60_000)

describe('the doctor beside a node of feathers-distributed', () => {
  it('finds listeners with a group whose publisher knows no groups', async () => {
    const mesh = new InteropMesh()
    const { environment } = mesh
    const observer = new MeshObserver(new CoteTransport({ environment, port: DISCOVERY_PORT }))
    try {
      const [[, plugin]] = OLD_PLUGINS
      await mesh.node('old', plugin, { key: 'old', paths: ['old-notes'] })
      const listener = await mesh.grouped('old-notes')
      await listener.until('the warning', () => listener.printed.includes('knows no groups'))
      await observer.start()
      let printed = ''
      const output = new Output(text => { printed += text }, true)
      await showDoctor(observer, { variables: {}, output, signal: new AbortController().signal })
      expect(JSON.parse(printed).findings).toContainEqual(expect.objectContaining({
        code: 'groups-unknown', seen: [expect.stringContaining("hear no events of its 'old-notes'")]
      }))
    } finally {
      await observer.stop()
      await mesh.end()
    }
  })
})
