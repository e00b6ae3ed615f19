/** Says once for a node that it is open, and how to close it. */
export function warnOfOpenness (advice: string): void {
  process.emitWarning(
    `this node is open to its network: whoever reaches it can call its services. To close it, ${advice}`,
    { type: 'SecurityWarning', code: 'FEATHERS_MESH_OPEN' }
  )
}
