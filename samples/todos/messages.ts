/** The messages between the launcher and its child processes, over Node's IPC channel. */

import type { Ready } from '../process'

export const replicaNames = ['A', 'B'] as const
export type ReplicaName = typeof replicaNames[number]

export const replicaActions = ['start', 'stop', 'kill'] as const
export type ReplicaAction = typeof replicaActions[number]

export interface ReplicaStatus {
  name: ReplicaName
  state: 'starting' | 'running' | 'stopping' | 'stopped'
  pid?: number
}

/** A request of the gateway to the launcher. */
export interface Act { type: 'act', name: ReplicaName, action: ReplicaAction }

export type ToLauncher = Ready | Act

export interface ToGateway { type: 'replicas', replicas: ReplicaStatus[] }

export const isReplicaName = (name: string): name is ReplicaName => replicaNames.includes(name as ReplicaName)

export const isReplicaAction = (action: string): action is ReplicaAction =>
  replicaActions.includes(action as ReplicaAction)
