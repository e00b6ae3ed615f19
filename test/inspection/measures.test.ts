import { NotFound } from '@feathersjs/errors'
import { MethodMeasure } from '../../lib/inspection/method-measure'
import { OTHER, PathTable } from '../../lib/inspection/path-table'
import { errorCodeOf } from '../../lib/inspection/outcome'

describe('a table of measures', () => {
  it('tells apart a thousand names, and only those of contracts', () => {
    const table = new PathTable(() => ({ count: 0 }), path => path !== 'unknown')
    for (let n = 0; n < 1_100; n++) table.of('todos', `method${n}`).count++
    table.of('unknown', 'any').count++
    const all = [...table.all()]
    expect(all.length).toBe(1_001)
    expect(all.at(-1)).toEqual([OTHER, OTHER, { count: 101 }])
  })

  it('keeps what it made', () => {
    const table = new PathTable(() => ({}), () => true)
    expect(table.of('todos', 'find')).toBe(table.of('todos', 'find'))
    expect(table.of('todos', 'find')).not.toBe(table.of('todos', 'get'))
  })
})

describe('the measure of a method', () => {
  it('counts errors by twenty codes at most', () => {
    const measure = new MethodMeasure()
    for (let n = 0; n < 30; n++) measure.ended(1, Object.assign(new Error('secret'), { name: `Odd${n}` }))
    const { errors, calls } = measure.figures('todos', 'find')
    expect([calls, Object.keys(errors).length, errors._OTHER]).toEqual([30, 21, 10])
  })
})

describe('the code of an error', () => {
  it('is that of the mesh, or its name, and never its text', () => {
    const proxy = new Proxy({}, { get () { throw new Error('trap') } })
    const errors = [
      new NotFound('no todo 7'), Object.assign(new Error('x'), { data: { code: 'MESH_TIMEOUT' } }),
      Object.assign(new Error('x'), { name: 'a secret: 7' }), 'text', null, proxy
    ]
    expect(errors.map(errorCodeOf)).toEqual(['NotFound', 'MESH_TIMEOUT', 'Error', 'Error', 'Error', 'Error'])
  })
})
