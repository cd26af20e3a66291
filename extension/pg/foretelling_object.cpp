// Names of objects of every kind, looked up without a lock.
// SPDX-License-Identifier: PostgreSQL
#include "pg/foretelling.h"

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_cast.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_conversion.h"
#include "catalog/pg_event_trigger.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_foreign_data_wrapper.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_opfamily.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_statistic_ext.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_ts_config.h"
#include "catalog/pg_ts_dict.h"
#include "catalog/pg_ts_parser.h"
#include "catalog/pg_ts_template.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "commands/policy.h"
#include "commands/proclang.h"
#include "commands/trigger.h"
#include "foreign/foreign.h"
#include "parser/parse_func.h"
#include "parser/parse_oper.h"
#include "parser/parse_type.h"
#include "rewrite/rewriteSupport.h"
#include "utils/lsyscache.h"
}

namespace migrate::pg {

namespace {

// table.name: of a trigger, a rule, a policy or a constraint.
ObjectAddress part_of_relation(ObjectType type, List *name, Oid *relation)
{
    const char *part = strVal(llast(name));
    if (list_length(name) < 2)
        return InvalidObjectAddress;
    *relation = relation_of(list_truncate(list_copy(name), list_length(name) - 1));
    if (!OidIsValid(*relation))
        return InvalidObjectAddress;
    switch (type) {
    case OBJECT_RULE:
        return {RewriteRelationId, get_rewrite_oid(*relation, part, true), 0};
    case OBJECT_TRIGGER:
        return {TriggerRelationId, get_trigger_oid(*relation, part, true), 0};
    case OBJECT_POLICY:
        return {PolicyRelationId, get_relation_policy_oid(*relation, part, true), 0};
    default:
        return {ConstraintRelationId, get_relation_constraint_oid(*relation, part, true), 0};
    }
}

ObjectAddress named_plainly(ObjectType type, const char *name)
{
    switch (type) {
    case OBJECT_SCHEMA:
        return {NamespaceRelationId, get_namespace_oid(name, true), 0};
    case OBJECT_EXTENSION:
        return {ExtensionRelationId, get_extension_oid(name, true), 0};
    case OBJECT_LANGUAGE:
        return {LanguageRelationId, get_language_oid(name, true), 0};
    case OBJECT_FDW:
        return {ForeignDataWrapperRelationId, get_foreign_data_wrapper_oid(name, true), 0};
    case OBJECT_FOREIGN_SERVER:
        return {ForeignServerRelationId, get_foreign_server_oid(name, true), 0};
    case OBJECT_EVENT_TRIGGER:
        return {EventTriggerRelationId, get_event_trigger_oid(name, true), 0};
    case OBJECT_ACCESS_METHOD:
        return {AccessMethodRelationId, get_am_oid(name, true), 0};
    case OBJECT_PUBLICATION:
        return {PublicationRelationId, get_publication_oid(name, true), 0};
    default:
        return InvalidObjectAddress;
    }
}

ObjectAddress named_by_list(ObjectType type, List *name)
{
    switch (type) {
    case OBJECT_COLLATION:
        return {CollationRelationId, get_collation_oid(name, true), 0};
    case OBJECT_CONVERSION:
        return {ConversionRelationId, get_conversion_oid(name, true), 0};
    case OBJECT_STATISTIC_EXT:
        return {StatisticExtRelationId, get_statistics_object_oid(name, true), 0};
    case OBJECT_TSCONFIGURATION:
        return {TSConfigRelationId, get_ts_config_oid(name, true), 0};
    case OBJECT_TSDICTIONARY:
        return {TSDictionaryRelationId, get_ts_dict_oid(name, true), 0};
    case OBJECT_TSPARSER:
        return {TSParserRelationId, get_ts_parser_oid(name, true), 0};
    case OBJECT_TSTEMPLATE:
        return {TSTemplateRelationId, get_ts_template_oid(name, true), 0};
    case OBJECT_CAST: {
        const Oid source = LookupTypeNameOid(nullptr, linitial_node(TypeName, name), true);
        const Oid target = LookupTypeNameOid(nullptr, lsecond_node(TypeName, name), true);
        return {CastRelationId, get_cast_oid(source, target, true), 0};
    }
    case OBJECT_DOMCONSTRAINT: {
        const Oid domain = LookupTypeNameOid(nullptr, linitial_node(TypeName, name), true);
        if (!OidIsValid(domain))
            return InvalidObjectAddress;
        return {ConstraintRelationId,
                get_domain_constraint_oid(domain, strVal(lsecond(name)), true), 0};
    }
    case OBJECT_OPCLASS:
    case OBJECT_OPFAMILY: {
        const Oid method = get_am_oid(strVal(linitial(name)), true);
        List *rest = list_copy_tail(name, 1);
        if (!OidIsValid(method))
            return InvalidObjectAddress;
        if (type == OBJECT_OPCLASS)
            return {OperatorClassRelationId, get_opclass_oid(method, rest, true), 0};
        return {OperatorFamilyRelationId, get_opfamily_oid(method, rest, true), 0};
    }
    default:
        return InvalidObjectAddress;
    }
}

} // namespace

ObjectAddress object_of(ObjectType type, Node *name, Oid *relation)
{
    *relation = InvalidOid;
    switch (type) {
    case OBJECT_TABLE:
    case OBJECT_INDEX:
    case OBJECT_VIEW:
    case OBJECT_MATVIEW:
    case OBJECT_SEQUENCE:
    case OBJECT_FOREIGN_TABLE:
        *relation = relation_of(castNode(List, name));
        return {RelationRelationId, *relation, 0};
    case OBJECT_RULE:
    case OBJECT_TRIGGER:
    case OBJECT_POLICY:
    case OBJECT_TABCONSTRAINT:
        return part_of_relation(type, castNode(List, name), relation);
    case OBJECT_TYPE:
    case OBJECT_DOMAIN:
        return {TypeRelationId, LookupTypeNameOid(nullptr, castNode(TypeName, name), true), 0};
    case OBJECT_FUNCTION:
    case OBJECT_PROCEDURE:
    case OBJECT_ROUTINE:
    case OBJECT_AGGREGATE:
        return {ProcedureRelationId, LookupFuncWithArgs(type, castNode(ObjectWithArgs, name), true),
                0};
    case OBJECT_OPERATOR:
        return {OperatorRelationId, LookupOperWithArgs(castNode(ObjectWithArgs, name), true), 0};
    default:
        break;
    }
    if (IsA(name, String))
        return named_plainly(type, strVal(name));
    if (IsA(name, List))
        return named_by_list(type, castNode(List, name));
    return InvalidObjectAddress;
}

} // namespace migrate::pg
