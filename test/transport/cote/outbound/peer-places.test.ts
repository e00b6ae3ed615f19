import { PeerPlaces } from '../../../../lib/transport/cote/outbound/peer-places'

const place = (n: number): { address: string, port: number } => ({ address: `127.0.0.${n}`, port: 10_000 + n })

describe('the places of a peer', () => {
  it('stay with the one in use, and remember the others in case that it fails', () => {
    const places = new PeerPlaces(place(1))
    places.remember(place(2))
    places.remember(place(3))
    expect(places.current).toEqual(place(1))
    expect(places.fail(place(1))).toBe(true)
    expect(places.current).toEqual(place(3))
    expect(places.fail(place(3))).toBe(true)
    expect(places.current).toEqual(place(2))
    expect(places.fail(place(2))).toBe(false)
  })

  it('remember the one that was left for another', () => {
    const places = new PeerPlaces(place(1))
    expect(places.use(place(1))).toBe(false)
    expect(places.use(place(2))).toBe(true)
    expect(places.fail(place(2))).toBe(true)
    expect(places.current).toEqual(place(1))
  })

  it('are tried in turn while the peer is silent, the one in use as well', () => {
    const places = new PeerPlaces(place(1))
    places.remember(place(2))
    expect([places.next(), places.next(), places.next()]).toEqual([place(2), place(1), place(2)])
  })

  it('are few, however many a node claims', () => {
    const places = new PeerPlaces(place(1))
    for (let n = 2; n < 100; n++) places.remember(place(n))
    const tried = new Set(Array.from({ length: 200 }, () => places.next().port))
    expect(tried.size).toBe(5)
    for (let n = 0; n < 4; n++) expect(places.fail(places.current)).toBe(true)
    expect(places.fail(places.current)).toBe(false)
  })
})
