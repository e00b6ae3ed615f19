export { MalformedValue } from './errors'
