// tsyringe refuses to load before reflect-metadata, which this loads.
import '../decorators/metadata'

export { createTestMesh, TestMesh } from './test-mesh'
export { transportConformance } from './conformance'

export type { Delay, MessageFilter, TestNode } from './test-mesh'
export type { ConformanceTest } from './conformance'
export type { MakeTransport } from './conformance-nodes'
export type { MessageKind } from '../transport/memory/memory-link'
