import { debugLog } from '../../debug-log'

/** `DEBUG=feathers-mesh:cote`: where this node listens, and which nodes come and go. */
export const debug = debugLog('cote')
