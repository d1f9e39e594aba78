/** The public face of leader detection through ZooKeeper. */
export {
  createZookeeperDetector,
  type DetectorTiming,
  type ZookeeperDetector,
  type ZookeeperDetectorOptions,
  type ZookeeperUrl,
} from './detector.ts'
