import type { DeviceState, GroupState } from '../../model/host/device.ts';
import type { Context, IommufdGroup } from '../../model/iommufd/context.ts';
import type {
  Access,
  DeviceObject,
  FaultQueue,
  HwptNested,
  HwptPaging,
  HwQueue,
  Ioas,
  Selftest,
  Vdevice,
  Veventq,
  Viommu,
} from '../../model/iommufd/objects.ts';
import type { PluggedDevice, Vm, Vsmmu } from '../../model/vmm/vm.ts';
import type { File, Process } from '../../model/world/process.ts';
import type { World } from '../../model/world/world.ts';

/*
 * Every part of the state that is drawn (`graph-builder.ts`). A part that the model gets and that is missing here does not compile:
 * it has to be drawn, or left out with the reason why no answer depends on it.
 */
type Missing<T, K extends keyof T> = Exclude<keyof T, K>;
type AllOf<T extends never> = T;

/** @internal Never more than `never`. */
export type NotInGraph =
  | AllOf<
      Missing<
        World,
        | 'platform'
        | 'processes'
        | 'files'
        | 'contexts'
        | 'devices'
        | 'groups'
        | 'iommus'
        | 'vms'
        | 'machine'
        | 'pasids'
        | 'emulated'
        | 'emulatedVtd'
        | 'legacy'
        | 'vtd'
        | 'pageRequests'
        | 'pins'
        | 'mock'
        | 'repeated'
      >
    >
  | AllOf<Missing<Process, 'fds' | 'mappings' | 'calls' | 'itsMappings' | 'memory' | 'given'>>
  | AllOf<Missing<File, 'refs' | 'of' | 'mapped'>>
  | AllOf<
      Missing<
        Context,
        'objects' | 'refs' | 'groups' | 'msiMaps' | 'msiThreads' | 'compatIoas' | 'chargeProcess'
      >
    >
  | AllOf<Missing<IommufdGroup, 'group' | 'devices' | 'attach' | 'pasids' | 'swMsiStart' | 'requiredMsi'>>
  | AllOf<
      Missing<
        DeviceState,
        | 'opened'
        | 'messages'
        | 'told'
        | 'vmaster'
        | 'pasidTable'
        | 'pasids'
        | 'resetting'
        | 'lines'
        | 'lostEvents'
        | 'asleep'
      >
    >
  | AllOf<Missing<GroupState, 'owner' | 'owners' | 'domain' | 'pasids'>>
  | AllOf<Missing<Ioas, 'type' | 'users' | 'iopt' | 'hwpts'>>
  | AllOf<
      Missing<
        HwptPaging,
        | 'type'
        | 'users'
        | 'ioas'
        | 'nestParent'
        | 'autoDomain'
        | 'pasidCompat'
        | 'fault'
        | 'domain'
        | 'msiPages'
        | 'msiCookie'
        | 'doorbellsOf'
        | 'dirty'
      >
    >
  | AllOf<Missing<HwptNested, 'type' | 'users' | 'viommu' | 'parent' | 'pasidCompat' | 'fault' | 'domain'>>
  | AllOf<Missing<DeviceObject, 'type' | 'users' | 'device' | 'vdevice'>>
  | AllOf<Missing<Viommu, 'type' | 'users' | 'viommuType' | 'hwpt' | 'iommu' | 'vmid' | 'page'>>
  | AllOf<Missing<Vdevice, 'type' | 'users' | 'viommu' | 'devId' | 'virtId'>>
  | AllOf<
      Missing<
        Veventq,
        'type' | 'users' | 'viommu' | 'eventType' | 'depth' | 'sequence' | 'events' | 'numEvents'
      >
    >
  | AllOf<Missing<FaultQueue, 'type' | 'users' | 'groups'>>
  | AllOf<
      Missing<
        Access,
        'type' | 'users' | 'mdev' | 'ioas' | 'moving' | 'pins' | 'anyByte' | 'locks' | 'nextPin'
      >
    >
  // `device` of a selftest is that of its DEVICE object.
  | AllOf<Missing<Selftest, 'type' | 'users' | 'devId' | 'device'>>
  | AllOf<Missing<HwQueue, 'type' | 'users' | 'viommu' | 'index' | 'access' | 'previous'>>
  | AllOf<Missing<Vm, 'name' | 'host' | 'running' | 'iommufds' | 'memory' | 'rmr' | 'vsmmus'>>
  | AllOf<
      Missing<
        Vsmmu,
        'registers' | 'cr0' | 'gbpa' | 'control' | 'backings' | 'devices' | 'pinned' | 'named' | 'buses'
      >
    >
  | AllOf<
      Missing<
        PluggedDevice,
        | 'device'
        | 'vsid'
        | 'port'
        | 'aliases'
        | 'iommufd'
        | 'fd'
        | 'devId'
        | 'iommu'
        | 'parent'
        | 'place'
        | 'held'
        | 'vectors'
      >
    >;
