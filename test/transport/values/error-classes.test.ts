import type * as FeathersErrors from '@feathersjs/errors'
import { FeathersError, NotFound } from '@feathersjs/errors'
import type * as ErrorClassesModule from '../../../lib/transport/values/error-classes'
import { errorClasses, ERROR_CLASSES } from '../../../lib/transport/values/error-classes'
import { decodeValue } from '../../../lib/transport/values/decode-value'
import { encodeValue } from '../../../lib/transport/values/encode-value'

/** Renames a class as a bundler does that has another one of its name in scope. */
function renamed (type: { readonly name: string }, name: string): void {
  Object.defineProperty(type, 'name', { value: name, configurable: true })
}

afterEach(() => {
  renamed(NotFound, 'NotFound')
  renamed(FeathersError, 'FeathersError')
})

describe('the classes of Feathers in a bundle, where they have other names', () => {
  it('are those that every node knows', () => {
    renamed(NotFound, 'NotFound2')
    renamed(FeathersError, 'a')
    const { value } = decodeValue(encodeValue(new NotFound('no todo', { id: 1 })))
    expect(value).toBeInstanceOf(NotFound)
    expect(value).toMatchObject({ name: 'NotFound', message: 'no todo', code: 404, data: { id: 1 } })
  })

  it('are known by the names under which Feathers exports them', () => {
    jest.isolateModules(() => {
      const other = jest.requireActual<typeof FeathersErrors>('@feathersjs/errors')
      renamed(other.NotFound, 'b')
      const { ERROR_CLASSES: known } =
        jest.requireActual<typeof ErrorClassesModule>('../../../lib/transport/values/error-classes')
      expect([known.get('NotFound'), known.has('b'), known.has('Gone')]).toEqual([other.NotFound, false, true])
    })
  })

  it('are those of errors that another copy of Feathers made, by what these say', () => {
    const error = new Error('no todo')
    class FeathersError2 extends Error {}
    class NotFound2 extends FeathersError2 {}
    Object.setPrototypeOf(error, NotFound2.prototype)
    Object.assign(error, { name: 'NotFound', type: 'FeathersError', code: 404 })
    const { value } = decodeValue(encodeValue(error))
    expect(value).toBeInstanceOf(NotFound)
    expect(value).toMatchObject({ code: 404, message: 'no todo' })
  })

  it('are classes of errors alone, with those of the program beside them', () => {
    class TodoMissing extends NotFound {}
    expect([...ERROR_CLASSES.values()].filter(type => !(type === Error || type.prototype instanceof Error))).toEqual([])
    expect(errorClasses([TodoMissing]).get('TodoMissing')).toBe(TodoMissing)
  })
})
