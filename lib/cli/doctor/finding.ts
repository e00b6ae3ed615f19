/** What the doctor may find: what it means, and what to do about it. docs/doctor.md has the same table. */
export const FINDINGS = {
  'nothing-heard': {
    title: 'no node was heard',
    remedy: 'start a node, or give this command the --discovery or --transport, the --listen and the secret of the ' +
      'nodes; nodes of feathers-distributed speak only every 10 to 20 s, so ask again'
  },
  'other-environment': {
    title: 'nodes of another environment were heard',
    remedy: 'give all nodes of one mesh the same environment (option environment, MESH_ENVIRONMENT or COTE_ENV)'
  },
  'no-secret': {
    title: 'nodes have a secret or certificates, and the one that hears them has neither',
    remedy: 'set MESH_SECRET or MESH_SECRET_FILE to the secret of the mesh, or give the options of its certificates'
  },
  'one-sided-secret': {
    title: 'nodes without a secret were heard by one that has a secret or certificates',
    remedy: 'set MESH_SECRET or MESH_SECRET_FILE on all nodes of the mesh'
  },
  'wrong-secret': {
    title: 'a secret or a certificate is not accepted',
    remedy: 'give all nodes the same secret; to change it, first add the new one to each node, and then remove the ' +
      'old one'
  },
  'clock-off': {
    title: 'clocks differ',
    remedy: 'synchronise the clocks of all machines (NTP)'
  },
  'not-reached': {
    title: 'a node was heard, and does not take connections',
    remedy: 'let it listen where others reach it (option listen), and not on loopback; open its TCP port in ' +
      'firewalls and network policies; or tell others another address (option advertise)'
  },
  'nobody-at-place': {
    title: 'nobody is found at a place where a node should be',
    remedy: 'start the node, or correct the place in --discovery or MESH_DISCOVERY'
  },
  'other-mesh-version': {
    title: 'nodes that speak another version of the mesh were heard',
    remedy: 'run releases of feathers-mesh that speak the same version'
  },
  'hello-too-large': {
    title: 'the hello of a node does not fit into a packet',
    remedy: 'offer fewer names of methods, or share the services out to several nodes; or shorten key, environment, ' +
      'host name or certificate'
  },
  'replicas-differ': {
    title: 'replicas of a service differ',
    remedy: 'deploy the same version to all replicas, or give services that are not the same another path or key'
  },
  'same-id': {
    title: 'two nodes have one id',
    remedy: 'give each node an id of its own: a process that was copied while it ran has to make its node again'
  },
  loopback: {
    title: 'a node can be reached on its own machine alone',
    remedy: 'let it listen where others reach it (option listen, or MESH_LISTEN), or advertise another address'
  },
  'node-version': {
    title: 'a node runs on a release of Node.js that is not supported',
    remedy: 'run it on Node.js 20 or later'
  },
  'package-version': {
    title: 'nodes have different releases of feathers-mesh',
    remedy: 'deploy the same release to all nodes; during a rolling upgrade that is as it should be'
  },
  'unknown-variable': {
    title: 'a variable MESH_… is not known',
    remedy: 'correct its name, or remove it: docs/options.md lists all variables'
  },
  'groups-unknown': {
    title: 'listeners with a group hear no events of a node, as it knows no groups',
    remedy: 'upgrade that node, or listen without a group'
  },
  'no-answers': {
    title: 'nodes answer no questions, so that the doctor knows no more of them than their hellos and contracts',
    remedy: 'set the option inspect on these nodes, with the key of this command: --key'
  }
} as const satisfies Readonly<Record<string, { readonly title: string, readonly remedy: string }>>

/** The name of a finding: it stays as it is. */
export type FindingCode = keyof typeof FINDINGS

/** What the doctor found. */
export interface Finding {
  readonly code: FindingCode
  /** A note tells what may well be intended: it changes no exit code. */
  readonly severity: 'problem' | 'note'
  /** What was seen of it. */
  readonly seen: readonly string[]
}

/** What is seen of one finding that is listed. */
const MAX_SEEN = 20

/** The finding, if anything was seen of it. */
export function finding (
  code: FindingCode, seen: readonly string[], severity: Finding['severity'] = 'problem'
): Finding[] {
  const different = [...new Set(seen)]
  if (different.length === 0) return []
  const more = different.length - MAX_SEEN
  return [{
    code, severity, seen: more > 0 ? [...different.slice(0, MAX_SEEN), `and ${more} more`] : different
  }]
}
