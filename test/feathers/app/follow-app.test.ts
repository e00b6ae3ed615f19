import { feathers, type Application } from '@feathersjs/feathers'
import { followConfigure, followUnuse } from '../../../lib/feathers/app/follow-app'
import { rejection } from '../../until'

/** An app with a service `notes`, and a trace of what happens around `unuse`. */
function followed (teardown: () => Promise<void> = async () => {}): { app: Application, trace: string[] } {
  const app: Application = feathers()
  const trace: string[] = []
  followUnuse(app, path => {
    trace.push(`before ${path}: ${'notes' in app.services ? 'there' : 'gone'}`)
    return () => trace.push(`after ${path}: ${'notes' in app.services ? 'there' : 'gone'}`)
  })
  app.use('notes', { async find () { return [] }, teardown })
  return { app, trace }
}

describe('followUnuse', () => {
  it('runs its function before the app gives up a service, and what that returns afterwards', async () => {
    const { app, trace } = followed()
    await app.unuse('notes')
    expect(trace).toEqual(['before notes: there', 'after notes: gone'])
  })

  it('returns what unuse of the app returns', async () => {
    const { app } = followed()
    const service = app.service('notes')
    expect(await app.unuse('notes')).toBe(service)
  })

  it('passes the error of unuse on and skips what was to run afterwards', async () => {
    const { app, trace } = followed(async () => { throw new Error('stuck') })
    await app.setup()
    expect(await rejection(app.unuse('notes'))).toMatchObject({ message: 'stuck' })
    expect(trace).toEqual(['before notes: there'])
  })

  it('keeps the state of each of several calls that run at the same time', async () => {
    const { app, trace } = followed()
    await Promise.all([app.unuse('notes'), app.unuse('/notes/')])
    expect(trace).toEqual([
      'before notes: there', 'before /notes/: there', 'after notes: gone', 'after /notes/: gone'
    ])
  })
})

describe('followConfigure', () => {
  it('runs its function after each callback, and returns the app', () => {
    const app: Application = feathers()
    const trace: string[] = []
    followConfigure(app, () => trace.push('after'))
    expect(app.configure(() => trace.push('callback'))).toBe(app)
    expect(trace).toEqual(['callback', 'after'])
  })
})
