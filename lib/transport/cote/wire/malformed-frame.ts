export { MalformedFrame } from './frame-parser'
