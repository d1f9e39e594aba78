import { formatHostPort } from '../net/address.ts'
import type { ClusterChange } from './change.ts'
import type { SimulatedTask } from './model.ts'

/** One line for a person: what happened. */
export function describeChange(change: ClusterChange): string {
  switch (change.kind) {
    case 'task-launched':
      return `${taskName(change.task)} launched on ${shortId(change.task.agent.id)}`
    case 'task-updated':
      return `${taskName(change.task)} ${change.previous} → ${change.task.state}`
    case 'task-returned':
      return `${taskName(change.task)} is back, ${change.task.state}`
    case 'task-addresses':
      return `${taskName(change.task)} has ${change.task.addresses?.join(' ') ?? 'no address'}`
    case 'task-health':
      return `${taskName(change.task)} is ${change.healthy ? 'healthy' : 'unhealthy'}`
    case 'agent-registered':
      return `agent ${shortId(change.agent.id)} registered from ${change.agent.address.host}`
    case 'agent-unreachable':
      return `agent ${shortId(change.agent.id)} is unreachable`
    case 'agent-crashed':
      return `agent ${shortId(change.agent.id)} crashed`
    case 'agent-restarted':
      return `agent ${shortId(change.agent.id)} runs again`
    case 'agent-removed':
      return `agent ${shortId(change.agent.id)} ${change.unregistered ? 'unregistered' : 'removed'}`
    case 'framework-subscribed':
      return `framework ${change.framework.spec.name} subscribed`
    case 'framework-recovered':
      return `framework ${change.framework.spec.name} known again by its tasks`
    case 'framework-disconnected':
      return `framework ${change.framework.spec.name} disconnected`
    case 'framework-removed':
      return `framework ${change.framework.spec.name} removed`
    case 'leader-elected':
      return change.leader === undefined
        ? 'no master leads'
        : `master ${formatHostPort(change.leader.address)} leads`
    case 'registry-recovered':
      return 'the leader has read its registry'
    case 'master-started':
      return `master ${formatHostPort(change.master.address)} started`
  }
}

function taskName({ id, spec, framework }: SimulatedTask): string {
  return `${framework.spec.name}/${spec.name} (${shortId(id).slice(0, 8)})`
}

/** What follows the last dash or dot, which is what tells ids apart. */
function shortId(id: string): string {
  return id.slice(Math.max(id.lastIndexOf('.'), id.lastIndexOf('-S')) + 1)
}
