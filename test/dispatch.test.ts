import { copyDispatch, dispatchOf, keepDispatch, setDispatch } from '../lib/dispatch'

const hiding = (dispatch: unknown): object => {
  const value = { password: 'SECRET' }
  setDispatch(value, dispatch)
  return value
}

describe('what outside clients get in place of a value', () => {
  it('is kept on the value, where no loop over its keys finds it, and may be replaced', () => {
    const value = hiding({ id: 1 })
    expect([Object.keys(value), JSON.stringify(value)]).toEqual([['password'], '{"password":"SECRET"}'])
    setDispatch(value, { id: 2 })
    expect(dispatchOf(value)).toEqual({ id: 2 })
  })

  it('is copied to what is made of the value, and to nothing that can hold no property', () => {
    const dispatch = { id: 1 }
    expect(dispatchOf(copyDispatch(hiding(dispatch), {}))).toBe(dispatch)
    expect([copyDispatch(hiding(dispatch), 'text'), copyDispatch(hiding(dispatch), null)]).toEqual(['text', null])
    expect(dispatchOf(copyDispatch({}, {}))).toBeUndefined()
  })

  it('is kept on a result unless the result has one, or is what clients get', () => {
    const [plain, hidden, itself] = [{}, hiding('first'), {}]
    keepDispatch(plain, 'shown')
    keepDispatch(hidden, 'second')
    keepDispatch(itself, itself)
    for (const result of [undefined, null, 'text']) keepDispatch(result, 'shown')
    expect([plain, hidden, itself].map(dispatchOf)).toEqual(['shown', 'first', undefined])
  })
})
