import createDebug from 'debug'

/** `DEBUG=feathers-mesh:cote` */
export const debug = createDebug('feathers-mesh:cote')
