import { MemberNews } from '../../../lib/transport/memory/member-news'

class Member {
  readonly heard: string[] = []
  onHeard: (id: string) => void = () => {}

  constructor (readonly id: string) {}

  notifyJoined ({ id }: Member): void {
    this.heard.push(id)
    this.onHeard(id)
  }
}

const members = new Map<string, Member>()
const news = new MemberNews(members)

async function joined<const Ids extends readonly string[]> (...ids: Ids): Promise<{ [K in keyof Ids]: Member }> {
  const joining = ids.map(id => new Member(id))
  await Promise.all(joining.map(async member => await news.join(member)))
  // As many as there are ids.
  return joining as { [K in keyof Ids]: Member }
}

/** What members heard since they were asked last. */
const heardBy = (...asked: readonly Member[]): string[][] => asked.map(({ heard }) => heard.splice(0))

beforeEach(() => members.clear())

describe('the news of the members of a memory network', () => {
  it('introduce all that join in one turn to each other and to those that are there, once', async () => {
    const [first] = await joined('first')
    const [second, third] = await joined('second', 'third')
    expect(heardBy(first, second, third)).toEqual([['second', 'third'], ['first', 'third'], ['first', 'second']])
    expect([...members.keys()]).toEqual(['first', 'second', 'third'])
  })

  it('say nothing of a node that joins before it has joined', async () => {
    const first = new Member('first')
    const joining = news.join(first)
    expect(members.size).toBe(0)
    await joining
    expect(members.get('first')).toBe(first)
  })

  it('tell one member all that is new before the next one', async () => {
    const order: string[] = []
    const all = await joined('first', 'second', 'third')
    for (const member of all) member.onHeard = other => { order.push(`${member.id} hears of ${other}`) }
    await Promise.all([news.change(all[0]), news.change(all[1])])
    expect(order).toEqual([
      'first hears of second', 'second hears of first', 'third hears of first', 'third hears of second'
    ])
  })

  it('tell several changes of one turn once, and a later one again', async () => {
    const all = await joined('first', 'second')
    heardBy(...all)
    await Promise.all([news.change(all[0]), news.change(all[0])])
    expect(heardBy(...all)).toEqual([[], ['first']])
    await news.change(all[0])
    expect(heardBy(...all)).toEqual([[], ['first']])
  })

  it('tell nothing of those that are gone by then, and of two that join with one id of the last one', async () => {
    const all = await joined('first', 'gone')
    members.delete('gone')
    heardBy(...all)
    await Promise.all([news.change(all[1]), news.change(new Member('stranger'))])
    expect(heardBy(...all)).toEqual([[], []])
    const [, successor] = await joined('gone', 'gone')
    expect(heardBy(all[0], successor)).toEqual([['gone'], ['first']])
  })

  it('wait for the next turn with a change that comes meanwhile', async () => {
    const all = await joined('first', 'second')
    heardBy(...all)
    let change: Promise<void> | undefined
    all[1].onHeard = () => { change ??= news.change(all[1]) }
    await news.change(all[0])
    expect(heardBy(...all)).toEqual([[], ['first']])
    await change
    expect(heardBy(...all)).toEqual([['second'], []])
  })

  it('tell nothing of and to those that have left, also where one made the other leave', async () => {
    const all = await joined('first', 'second', 'third')
    heardBy(...all)
    all[0].onHeard = () => { members.delete('third') }
    await Promise.all([news.change(all[1]), news.change(all[2]), news.change(new Member('stranger'))])
    expect(heardBy(...all)).toEqual([['second'], [], []])
  })

  it('reject all that wait where a member throws, and go on in the next turn', async () => {
    const [first] = await joined('first')
    first.onHeard = () => { throw new Error('thrown') }
    const outcomes = await Promise.allSettled([news.join(new Member('second')), news.change(first)])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    first.onHeard = () => {}
    const [third] = await joined('third')
    expect(heardBy(third)).toEqual([['first', 'second']])
  })
})
