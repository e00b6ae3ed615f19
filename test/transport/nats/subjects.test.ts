import { lastToken, Subjects, tokenOf } from '../../../lib/transport/nats/subjects'

const LONG = 'x'.repeat(65)

describe('a name in a subject', () => {
  it.each([
    ['a.b', 'a=2Eb'], ['a b', 'a=20b'], ['*', '=2A'], ['>', '=3E'], ['ü', '=C3=BC'], ['=', '=3D'], ['a\nb', 'a=0Ab'],
    ['\r\n', '=0D=0A'], ['\0', '=00']
  ])('leads to no other subject: %s', (name, token) => expect(tokenOf(name)).toBe(token))

  it('is written as it is where that is safe', () => expect(tokenOf('To-do_5')).toBe('To-do_5'))
  it('is not missing where it is empty', () => expect(tokenOf('')).toBe('='))

  it('is a hash where it is long, also in bytes', () => {
    for (const name of [LONG, 'ü'.repeat(33)]) expect(tokenOf(name)).toMatch(/^=h[\da-f]{64}$/)
    expect(tokenOf(LONG)).not.toBe(tokenOf(`${LONG}x`))
    expect(tokenOf('x'.repeat(64))).toBe('x'.repeat(64))
  })

  it('makes no subject that is too long for a server', () => {
    const subjects = new Subjects('a'.repeat(64), '.'.repeat(64))
    const longest = '.'.repeat(64)
    for (const subject of [subjects.event(longest, longest, longest), subjects.inbox(longest, longest, longest)]) {
      expect(subject.length).toBeLessThan(4_096)
    }
  })
})

describe('the subjects of a mesh', () => {
  const subjects = new Subjects('mesh', '')

  it('have the key of the publisher as a token of its own', () => {
    expect(subjects.hello('office')).toBe('mesh.=.hello.office')
    expect(subjects.inbox('id', 'other', 'office')).toBe('mesh.=.to.other.id.office')
    expect(lastToken(subjects.inbox('id', 'other', 'a.b'))).toBe('a=2Eb')
    expect(subjects.event('office', 'todos', 'created')).toBe('mesh.=.event.office.todos.created')
    expect(subjects.keyOfEvent(subjects.event('a.b', 'todos', 'created'))).toBe('a=2Eb')
  })

  it('are those of all keys for who listens', () => {
    expect(subjects.hello()).toBe('mesh.=.hello.*')
    expect(subjects.inbox('id', 'own')).toBe('mesh.=.to.own.id.*')
    expect(subjects.events('api/todos')).toEqual(['mesh.=.event.*.api=2Ftodos.*'])
  })
})
