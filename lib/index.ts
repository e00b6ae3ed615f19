import 'reflect-metadata'
import './feathers/feathers-types'

export { Distributed } from './decorators/distributed'
export { DistributedMethod } from './decorators/distributed-method'
export { DistributedEvent } from './decorators/distributed-event'
export { InjectRemote } from './decorators/inject-remote'
export { remoteToken } from './remote/remote-token'
export { distribution as default, initialize, finalize } from './module/plugin'
export { DistributedModule } from './module/distributed-module'
export { CoteTransport } from './transport/cote/cote-transport'
export { MemoryNetwork } from './transport/memory/memory-network'
export { ConfigurationError } from './errors'

export type { Allow } from './contract/access'
export type { ServiceEvent } from './decorators/distributed-event'
export type {
  Class, DistributedEventOptions, DistributedMethodOptions, DistributedOptions
} from './decorators/metadata'
export type { Caller, Contract, MethodContract, MethodShapes } from './contract/contract'
export type { DataFault } from './validation/validate-arguments'
export type { NodeInfo, ServiceInfo } from './module/distributed-module'
export type { ServiceEventsPublisher, ServiceRequester } from './feathers/showing/app-views'
export type { ServiceFilter } from './options/common-options'
export type { DistributedModuleOptions } from './options/module-options'
export type { DistributionOptions } from './options/plugin-options'
export type { Middleware, Middlewares } from './feathers/feathers-app'
export type { ServiceDescriptor } from './contract/descriptor'
export type { CallOptions } from './remote/call/call-options'
export type {
  EventListener, EventName, EventPayload, ListenedName, ListenerOf,
  RemoteControls, RemoteEventContext, RemoteMethods, RemoteService
} from './remote/remote-service'
export type { Replica, RoutedCall, Routing, RoutingFunction } from './remote/balancing/routing'
export type { CallErrorData, CallOutcome, FailedCall, MeshErrorCode } from './errors'
export type { CoteOptions } from './transport/cote/cote-options'
export type { CertificatesOption } from './transport/cote/security/certificates/certificate-ring'
export type { Certificates } from './transport/cote/security/certificates/node-certificate'
export type { Secret } from './transport/cote/security/secret/key-ring'
export type { SecurityOptions } from './transport/cote/security/security-of'
export type { Counters, RejectionReason as RefusalReason } from './transport/rejections'
export type {
  Audience, EventGap, EventMessage, IncomingCall, LeaveReason, Peer, ReplyDetails, ReplyHandler, Request, Transport,
  TransportHost
} from './transport/transport'
export { RequestRefused, TransportError } from './transport/transport'
