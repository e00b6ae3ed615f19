import { meshNow } from '../../../lib/clock'
import { rejection } from '../../until'
import { RequestRefused } from 'feathers-mesh/transport'
import { ScriptedMesh } from '../scripted-transport'

const late = (): RequestRefused => new RequestRefused(new Error('too late'), 'late', 1)

describe('a call that a replica refuses for its time', () => {
  it('is sent to it again at once, with the same deadline, and nothing is wrong with the replica', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const call = mesh.call('create')
    mesh.last.failWith(late())
    expect(mesh.asked).toEqual(['one', 'one'])
    const [first, second] = mesh.transport.sent.map(({ request }) => request)
    expect(second).toEqual(first)
    mesh.last.reply('done')
    expect(await call).toBe('done')
  })

  it('is sent again at most twice, and goes to another replica then', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    mesh.join('two')
    void mesh.call('create')
    for (let n = 0; n < 3; n++) mesh.last.failWith(late())
    const [first] = mesh.asked
    expect(mesh.asked).toEqual([first, first, first, first === 'one' ? 'two' : 'one'])
  })

  it('makes no attempt by that: all its attempts are left', async () => {
    const mesh = new ScriptedMesh({ retries: 1 })
    mesh.join('one')
    mesh.join('two')
    void mesh.call('find')
    mesh.last.failWith(late())
    mesh.last.failWith(late())
    mesh.last.fail('unknown')
    mesh.last.failWith(late())
    expect(mesh.asked).toHaveLength(5)
    expect(new Set(mesh.asked.slice(0, 3)).size).toBe(1)
    expect(new Set(mesh.asked).size).toBe(2)
  })

  it('is not sent again when its own time is over', async () => {
    const mesh = new ScriptedMesh({ timeout: 20, retries: 0 })
    mesh.join('one')
    const call = mesh.call('find')
    const over = meshNow() + 20
    while (meshNow() < over) { /* the timer of the call can't run meanwhile */ }
    mesh.last.failWith(late())
    expect(mesh.asked).toEqual(['one'])
    expect(await rejection(call)).toMatchObject({ data: { outcome: 'not-sent' } })
  })

  it('is cancelled where it was sent last', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const controller = new AbortController()
    const call = mesh.call('find', [], { signal: controller.signal })
    mesh.last.failWith(late())
    controller.abort()
    await rejection(call)
    expect(mesh.transport.forgotten).toEqual([['one', 2]])
  })

  it('fails if what it sends can be sent no more', async () => {
    const mesh = new ScriptedMesh()
    mesh.join('one')
    const call = mesh.call('find')
    const { last } = mesh
    mesh.transport.unsendable = new Error('a function')
    last.failWith(late())
    mesh.transport.unsendable = undefined
    expect(await rejection(call)).toMatchObject({ name: 'BadRequest' })
  })
})
