// The one CommonJS build, for `import`: its default export is the plugin here, too, not the whole module.
import mesh from './index.js'

export * from './index.js'
export default mesh.default
