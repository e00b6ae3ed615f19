import createDebug from 'debug'

/** `DEBUG=feathers-mesh:app` */
export const debug = createDebug('feathers-mesh:app')
