// The one CommonJS build, for `import`. The default export comes from the file of the plugin: that of `index.js` is the
// plugin for bundlers, and the whole module for Node.
export * from './index.js'
export { distribution as default } from './module/plugin.js'
