import type { FrameworkSpec, SimulatedFramework, SimulatedTask } from './model.ts'
import { releaseTask } from './task.ts'

/** As a master's --max_completed_tasks_per_framework. */
const MAX_COMPLETED_TASKS = 1000

/** The framework of that index, subscribed, without tasks. */
export function newFramework(
  clusterId: string,
  index: number,
  spec: FrameworkSpec,
  now: number,
): SimulatedFramework {
  return {
    id: `${clusterId}-${String(index).padStart(4, '0')}`,
    spec,
    registeredTime: now,
    reregisteredTime: now,
    unregisteredTime: undefined,
    status: 'connected',
    tasks: new Set(),
    unreachable: new Set(),
    completed: [],
  }
}

/** Moves a task that has ended to the completed ones; what it had is free again. */
export function completeTask(task: SimulatedTask): void {
  const { framework } = task
  framework.tasks.delete(task)
  framework.unreachable.delete(task)
  framework.completed.push(task)
  if (framework.completed.length > MAX_COMPLETED_TASKS) framework.completed.shift()
  releaseTask(task)
}
