import type * as Transformer from '../../../lib/validation/packages/transformer'
import { transformerRecords } from '../../../lib/validation/packages/transformer'

describe('the metadata of class-transformer', () => {
  it('causes an error when frozen intrinsics make it unreadable', () => {
    const set = Object.getOwnPropertyDescriptor(Map.prototype, 'set') as PropertyDescriptor
    Object.defineProperty(Map.prototype, 'set', { ...set, writable: false })
    try {
      expect(() => transformerRecords()).toThrow(/decorators of class-transformer leave can't be read: .*read only/)
    } finally {
      Object.defineProperty(Map.prototype, 'set', set)
    }
    expect(transformerRecords().types).toBeInstanceOf(Map)
  })

  it('causes an error when another version stores it differently', () => {
    jest.isolateModules(() => {
      const nothing = () => () => {}
      jest.doMock('class-transformer', () => ({ Type: nothing, Transform: nothing, Expose: nothing, Exclude: nothing }))
      try {
        const path = '../../../lib/validation/packages/transformer'
        const { transformerRecords: read } = jest.requireActual<typeof Transformer>(path)
        expect(() => read()).toThrow('this version is not known; npm install class-transformer@0.5')
      } finally {
        jest.dontMock('class-transformer')
      }
    })
  })
})
