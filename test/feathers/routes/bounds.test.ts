import type { FeathersService } from '@feathersjs/feathers'
import { PROCESS_LOG } from '../../../lib/log'
import { HiddenPaths } from '../../../lib/feathers/routes/hidden-paths'
import { RemoteRoutes } from '../../../lib/feathers/routes/remote-routes'

const service = {} as FeathersService

describe('the paths of remote services, which peers choose', () => {
  it('have no route when they have more than 100 parts', () => {
    const fitting = Array.from({ length: 100 }, () => 'x').join('/')
    const longer = Array.from({ length: 101 }, () => 'y').join('/')
    const routes = new RemoteRoutes(() => [{ path: fitting, service }, { path: longer, service }])
    expect(routes.lookup(fitting, true)?.data?.path).toBe(fitting)
    expect(routes.lookup(longer, true)).toBeNull()
  })

  it('get no more than 100 warnings, and the last one says that it is the last', () => {
    const warnings: string[] = []
    const spy = jest.spyOn(process, 'emitWarning').mockImplementation(warning => { warnings.push(String(warning)) })
    const hidden = new HiddenPaths(PROCESS_LOG)
    for (let n = 0; n < 200; n++) hidden.warn(`path-${n}`, 'a route')
    spy.mockRestore()
    expect(warnings).toHaveLength(100)
    expect(warnings.filter(line => line.includes('further ones are not reported'))).toEqual([warnings.at(-1)])
  })
})
