import { DistributedModule } from 'feathers-mesh'
import { shownOptions } from '../../lib/inspection/shown-options'

describe('the options that a node tells others', () => {
  it('hold no secret, whatever it is called, and no credentials of a URL', () => {
    const options = {
      secret: 'a long secret text', discovery: ['redis://user:pass@redis:6379?password=x'], timeout: 7,
      cote: { redis: { password: 'x', token: 'x' }, port: 1 }, tls: { key: 'x' }
    }
    const shown = JSON.stringify(shownOptions(options))
    expect(shown).not.toMatch(/long secret|user|pass@|"x"|=x/)
    expect(shownOptions(options)).toMatchObject({ secret: '(hidden)', timeout: 7, cote: { port: 1 } })
  })

  it('name classes and functions, and say of objects only that they are there', () => {
    class Todos {}
    const shown = shownOptions({ services: [Todos, 'users'], logger: new Map(), routing: () => 1, none: undefined })
    expect(shown).toEqual({ services: ['(Todos)', 'users'], logger: '(an object)', routing: '(routing)' })
  })

  it('are plain data within bounds, also where options hold circles', () => {
    const circle: Record<string, unknown> = {}
    circle.again = circle
    const wide = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`n${n}`, n]))
    const shown = shownOptions({ hooks: circle, validation: wide })
    expect(JSON.stringify(shown).length).toBeLessThan(1_000)
  })

  it('are those that the program gave', () => {
    const mesh = DistributedModule.forRoot({ secret: 'a secret of sixteen', name: 'node-1' })
    expect(mesh.inspect().options).toEqual({ secret: '(hidden)', name: 'node-1' })
  })
})
