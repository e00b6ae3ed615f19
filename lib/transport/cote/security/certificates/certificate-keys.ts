import type { X509Certificate } from 'node:crypto'

const PREFIX = 'URI:feathers-mesh:key:'

/**
 * The keys of nodes that a certificate vouches for: those of its names (subjectAltName) `URI:feathers-mesh:key:<key>`,
 * percent-encoded where a key has other characters than a URI. Nothing else in it counts, the common name neither:
 * a certificate that the same authority gave to a web server or to a person is that of no node.
 */
export function keysNamedBy ({ subjectAltName = '' }: X509Certificate): readonly string[] {
  // Node writes names that hold a comma or a quote as JSON: one of those could pass for two.
  const names = subjectAltName.replaceAll(/"(?:[^"\\]|\\.)*"/g, '').split(', ')
  return names.filter(name => name.startsWith(PREFIX)).flatMap(name => decode(name.slice(PREFIX.length)))
}

function decode (encoded: string): string[] {
  try {
    return [decodeURIComponent(encoded)].filter(key => key !== '')
  } catch {
    return []
  }
}
