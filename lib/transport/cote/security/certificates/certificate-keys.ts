import type { X509Certificate } from 'node:crypto'

const PREFIX = 'URI:feathers-mesh:key:'

/**
 * The keys of nodes that a certificate names: its alternative names (subjectAltName) `URI:feathers-mesh:key:<key>`,
 * where characters that a URI can't hold are percent-encoded. Other names do not count, nor does the common name: a
 * certificate that the same authority issued to a web server or a person is not one of a node.
 */
export function keysNamedBy ({ subjectAltName = '' }: X509Certificate): readonly string[] {
  // Node formats names with a comma or a quote as JSON. Left in, one such name could pass for two.
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
