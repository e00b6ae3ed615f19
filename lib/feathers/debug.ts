import { debugLog } from '../debug-log'

/** `DEBUG=feathers-mesh:app` */
export const debug = debugLog('app')
