import { finding, type Finding, type FindingCode } from './finding'
import { titleOf, type Evidence, type Unseen } from './gather'

/** The codes of what can't be seen, by what they mean. */
const MEANINGS: ReadonlyArray<readonly [FindingCode, readonly string[]]> = [
  ['no-secret', ['sealedHello']],
  ['one-sided-secret', ['plainHello', 'noTls']],
  ['wrong-secret', [
    'foreignHello', 'forgedHello', 'wrongSecret', 'wrongCertificate', 'wrongKey', 'handshakeFailed', 'unprovenPeer'
  ]],
  ['not-reached', ['notReached']],
  ['nobody-at-place', ['nobody']],
  ['same-id', ['claimedId']],
  ['other-mesh-version', ['otherVersion']]
]

/** Codes of packets that loopback keeps from others, or others from loopback. */
const OF_LOOPBACK = ['shutInHello', 'distantHello', 'distantPlace']
const LOOPBACK = /^(?:127\.|\[?::1\]?|localhost)/
/** By so much may clocks that NTP keeps differ, with the time that an answer takes, in ms. */
const MAX_CLOCK_OFFSET_MS = 5_000

/** What keeps nodes from seeing each other. */
export function checkSight (evidence: Evidence): Finding[] {
  return [
    ...checkHeard(evidence),
    ...checkEnvironments(evidence),
    ...MEANINGS.flatMap(([code, reasons]) => finding(code, seenBy(evidence.unseen, reasons))),
    ...checkClocks(evidence),
    ...checkAddresses(evidence)
  ]
}

function checkHeard ({ nodes, unseen }: Evidence): Finding[] {
  const isHeard = nodes.length > 0 || unseen.some(({ by, code }) => by === undefined && code !== 'nobody')
  return isHeard ? [] : finding('nothing-heard', ['nothing was heard within the time that the doctor listens'])
}

/** Meshes may well share a network: then each has nodes of its own. */
function checkEnvironments ({ nodes, unseen }: Evidence): Finding[] {
  const own = unseen.filter(({ by }) => by === undefined)
  return finding('other-environment', seenBy(own, ['otherEnvironment']), nodes.length > 0 ? 'note' : 'problem')
}

function checkClocks ({ nodes, unseen }: Evidence): Finding[] {
  const off = nodes.flatMap(({ node, aheadMs = 0 }) => {
    if (Math.abs(aheadMs) < MAX_CLOCK_OFFSET_MS) return []
    const direction = aheadMs > 0 ? 'ahead of' : 'behind'
    return [`the clock of ${titleOf(node)} is ${Math.round(Math.abs(aheadMs) / 1_000)} s ${direction} the one here`]
  })
  return finding('clock-off', [...off, ...seenBy(unseen, ['lateHello'])])
}

function checkAddresses ({ nodes, unseen }: Evidence): Finding[] {
  const shutIn = nodes.filter(({ node: { address } }) => address !== undefined && LOOPBACK.test(address))
  const others = nodes.filter(({ node: { address } }) => address !== undefined && !LOOPBACK.test(address))
  const beside = others.length === 0
    ? []
    : shutIn.map(({ node }) => `${titleOf(node)} is at ${node.address ?? ''}, and other nodes are not`)
  return finding('loopback', [...beside, ...seenBy(unseen, OF_LOOPBACK)])
}

/** What of these codes can't be seen, and by whom. */
export function seenBy (unseen: readonly Unseen[], codes: readonly string[]): string[] {
  const known = unseen.filter(({ code }) => code !== undefined && codes.includes(code))
  return known.map(({ by, name, address, reason }) => {
    const where = name === undefined ? address : `${name} at ${address}`
    return by === undefined ? `${where}: ${reason}` : `${by} sees ${where}: ${reason}`
  })
}
