import type { MeshObserver } from '../../inspection/observer/observer'
import { readNumber, readJson, type Asked } from '../arguments'
import { listen } from '../connect'
import type { Output } from '../output'

const TIMEOUT_MS = 5_000

/**
 * Calls a method, and prints what it returns.
 *
 * @throws WrongUsage; the error of the service
 */
export async function callMethod (observer: MeshObserver, { words, values }: Asked, output: Output): Promise<void> {
  const [path = '', method = '', data] = words
  const query = readJson('--query', values.query)
  const call = {
    path,
    method,
    ...values.id === undefined ? {} : { id: values.id },
    ...data === undefined ? {} : { data: readJson('the data', data) },
    ...query === undefined ? {} : { params: { query } },
    timeoutMs: readNumber('timeout', values.timeout, TIMEOUT_MS)
  }
  await listen(observer, () => observer.nodes.some(({ contracts }) => contracts.some(each => each.path === path)))
  output.json(await observer.call(call))
}
