"""How each rule of the database is broken: the columns that a whole row is given instead, as SQL."""

from __future__ import annotations

from tests.migrations.rows import Row

_SOMEBODY = "'00000000-0000-4000-8000-000000000001'"
_ANOTHER = "'00000000-0000-4000-8000-000000000002'"

# How each CHECK that does more than list values is broken; several ways where a rule has several sides.
BREAKS: dict[str, list[Row]] = {
    "check_batch_positions": [{"start_position": "2", "end_position": "2"}],
    "check_batch_size": [{"start_position": "0", "end_position": "51"}],
    "check_contact_method": [{"email": "NULL", "phone": "NULL"}],
    "check_daily_limit": [
        {"invitations_sent_today": "51", "max_invitations_per_day": "50"},
        {"invitations_sent_today": "-1"},
    ],
    "check_invitation_contact": [{"referred_email": "NULL", "referred_phone": "NULL"}],
    "check_minor_has_guardian": [
        {"date_of_birth": "current_date - interval '17 years'"},
        {"date_of_birth": "current_date - interval '17 years'", "relationship_type": "'parent'"},
        {"date_of_birth": "current_date - interval '17 years'", "guardian_user_id": "gen_random_uuid()"},
    ],
    "check_open_before_birthday": [
        {
            "scheduled_open_at": "(current_date + 29)::timestamp AT TIME ZONE 'Africa/Dakar' + interval '1 second'"
        },
    ],
    "check_valid_redemption_period": [{"redeemable_from": "now()", "expires_at": "now()"}],
    "ck_audit_archives_rows_positive": [{"row_count": "0"}],
    "ck_audit_cuts_forward": [{"first_position": "2", "last_position": "1"}],
    "ck_audit_cuts_rows_positive": [{"row_count": "0"}],
    "ck_data_accesses_one_subject": [{"subject_user_id": "NULL"}, {"contact_mark": "'x'"}],
    "ck_donation_analytics_counts_not_negative": [
        {"total_amount_minor": "-1"},
        {"transaction_count": "-1"},
        {"unique_donors": "-1"},
    ],
    "ck_donation_analytics_period_forward": [{"period_end": "current_date - 1"}],
    "ck_donations_amount_positive": [{"amount_minor": "0"}],
    "ck_donations_currency_xof": [{"currency": "'EUR'"}],
    "ck_donations_risk_score_range": [{"risk_score": "-1"}, {"risk_score": "101"}],
    "ck_feature_flags_rollout_range": [{"rollout_percentage": "-1"}, {"rollout_percentage": "101"}],
    "ck_ledger_accounts_house_keeps_no_balance": [
        {"keeps_balance": "false", "may_go_negative": "true", "posted_minor": "1"},
        {"keeps_balance": "false", "may_go_negative": "true", "pending_in_minor": "1"},
    ],
    "ck_ledger_accounts_limit_needs_balance": [{"keeps_balance": "false", "may_go_negative": "false"}],
    "ck_ledger_accounts_not_overdrawn": [
        {"posted_minor": "-1"},
        {"posted_minor": "1", "pending_out_minor": "2"},
    ],
    "ck_ledger_accounts_owner_present": [{"owner_id": "NULL"}, {"owner_type": "'platform'"}],
    "ck_ledger_accounts_pending_not_negative": [{"pending_out_minor": "-1"}, {"pending_in_minor": "-1"}],
    "ck_ledger_entries_amount_not_zero": [{"amount_minor": "0"}],
    "ck_ledger_transfers_times_fit_status": [
        {"status": "'posted'"},
        {"status": "'voided'", "posted_at": "now()", "voided_at": "now()"},
        {"status": "'pending'", "posted_at": "now()"},
    ],
    "ck_ledger_transfers_two_entries": [{"entry_count": "1"}],
    "ck_notification_analytics_counts_not_negative": [{"sent_count": "-1"}, {"clicked_count": "-1"}],
    "ck_notification_deliveries_attempt_within_retries": [
        {"attempt_no": "0"},
        {"attempt_no": "5", "max_retries": "3"},
    ],
    "ck_notification_templates_channels_known": [{"channels": "ARRAY['pigeon']"}],
    "ck_notification_templates_version_positive": [{"version": "0"}],
    "ck_notifications_archived_has_time": [{"archived": "true"}, {"archived_at": "now()"}],
    "ck_notifications_has_recipient": [{"user_id": "NULL"}],
    "ck_notifications_read_has_time": [{"read": "true"}, {"read_at": "now()"}],
    "ck_outbox_events_attempts_not_negative": [{"attempts": "-1"}],
    "ck_packs_base_price_positive": [{"base_price_minor": "0"}],
    "ck_packs_currency_xof": [{"currency": "'EUR'"}],
    "ck_packs_discount_below_base": [
        {"base_price_minor": "10", "discounted_price_minor": "11"},
        {"discounted_price_minor": "0"},
    ],
    "ck_packs_max_redemptions_positive": [{"max_redemptions_per_user": "0"}],
    "ck_packs_name_present": [{"name": "'  '"}],
    "ck_packs_stock_not_oversold": [
        {"total_available_quantity": "1", "quantity_taken": "2"},
        {"quantity_taken": "-1"},
    ],
    "ck_packs_validity_positive": [{"validity_days": "0"}],
    "ck_packs_window_forward": [{"available_from": "current_date", "available_until": "current_date - 1"}],
    "ck_partner_periods_period_forward": [{"period_end": "current_date - 1"}],
    "ck_partner_periods_share_within_revenue": [
        {"revenue_minor": "10", "partner_share_minor": "11"},
        {"partner_share_minor": "-1"},
    ],
    "ck_partner_periods_totals_not_negative": [{"redemption_count": "-1"}],
    "ck_partner_settlements_approved_has_hand": [
        {"status": "'approved'", "approved_at": "now()"},
        {"status": "'approved'", "approved_by": "gen_random_uuid()"},
    ],
    "ck_partner_settlements_carry_adds_up": [{"carried_in_minor": "1"}],
    "ck_partner_settlements_count_not_negative": [{"total_redemptions_count": "-1"}],
    "ck_partner_settlements_currency_xof": [{"currency": "'EUR'"}],
    "ck_partner_settlements_dispute_has_reason": [{"status": "'disputed'"}],
    "ck_partner_settlements_paid_has_time": [
        {"status": "'paid'", "approved_by": "gen_random_uuid()", "approved_at": "now()"}
    ],
    "ck_partner_settlements_payable_not_negative": [
        {"payable_minor": "-1", "adjustment_minor": "-1", "is_carried": "false"}
    ],
    "ck_partner_settlements_pays_all_or_carries_all": [
        {"payable_minor": "1", "adjustment_minor": "1"},
        {"is_carried": "false"},
        {"is_carried": "false", "payable_minor": "1", "carried_out_minor": "1", "adjustment_minor": "2"},
    ],
    "ck_partner_settlements_period_forward": [{"period_end": "current_date - 1"}],
    "ck_partner_settlements_shares_are_the_revenue": [{"total_revenue_minor": "1"}],
    "ck_partner_venues_latitude_range": [{"latitude": "90.1"}, {"latitude": "-90.1"}],
    "ck_partner_venues_longitude_range": [{"longitude": "180.1"}, {"longitude": "-180.1"}],
    "ck_partners_active_is_verified": [{"status": "'active'"}],
    "ck_partners_has_capability": [{"is_venue": "false", "is_provider": "false"}],
    "ck_partners_minimum_payout_not_negative": [{"minimum_payout_minor": "-1"}],
    "ck_partners_name_present": [{"name": "' '"}],
    "ck_partners_revenue_split_range": [
        {"revenue_split_percentage": "-0.01"},
        {"revenue_split_percentage": "100.01"},
    ],
    "ck_partners_venue_has_split": [{"is_venue": "true", "revenue_split_percentage": "NULL"}],
    "ck_payment_methods_one_owner": [{"partner_id": "NULL"}, {"user_id": "gen_random_uuid()"}],
    "ck_payment_transactions_amount_positive": [{"amount_minor": "0"}],
    "ck_payment_transactions_refund_has_parent": [
        {"transaction_type": "'refund'"},
        {"parent_transaction_id": "gen_random_uuid()"},
    ],
    "ck_payment_transactions_refunds_within_amount": [{"refunded_minor": "2"}, {"refunded_minor": "-1"}],
    "ck_payment_webhook_events_retry_count_not_negative": [{"retry_count": "-1"}],
    "ck_payouts_amount_positive": [{"amount_minor": "0"}],
    "ck_payouts_completed_has_proof": [
        {"status": "'completed'", "completed_at": "now()"},
        {"status": "'completed'", "transaction_reference": "'pt-1'"},
    ],
    "ck_payouts_fee_not_negative": [{"fee_minor": "-1"}],
    "ck_payouts_one_owner": [{"partner_id": "NULL"}, {"user_id": "gen_random_uuid()"}],
    "ck_point_awards_base_multiplier_range": [{"base_multiplier": "0.99"}],
    "ck_point_awards_points_not_negative": [{"points": "-1"}, {"base_points": "-1"}],
    "ck_point_awards_sponsor_boost_multiplier_range": [{"sponsor_boost_multiplier": "0.99"}],
    "ck_points_conversions_credits_not_negative": [{"credits_issued_minor": "-1"}],
    "ck_points_conversions_points_positive": [{"points_converted": "0"}],
    "ck_points_conversions_rate_positive": [{"conversion_rate": "0"}],
    "ck_pot_analytics_counts_not_negative": [
        {"total_raised_minor": "-1"},
        {"donor_count": "-1"},
        {"donation_count": "-1"},
        {"view_count": "-1"},
        {"share_count": "-1"},
    ],
    "ck_pots_counts_not_negative": [{"donor_count": "-1"}, {"view_count": "-1"}, {"share_count": "-1"}],
    "ck_pots_currency_xof": [{"currency": "'EUR'"}],
    "ck_pots_preferred_price_positive": [{"preferred_price_minor": "0"}],
    "ck_pots_raised_not_negative": [{"raised_minor": "-1"}, {"credited_minor": "-1"}],
    "ck_pots_target_positive": [{"target_amount_minor": "0"}],
    "ck_pots_title_present": [{"title": "' '"}],
    "ck_profile_completion_status_percent_range": [{"percent": "-1"}, {"percent": "101"}],
    "ck_privacy_requests_gift_is_erased_only": [
        {"kind": "'export'", "user_id": "NULL", "donation_id": "gen_random_uuid()"}
    ],
    "ck_privacy_requests_one_subject": [
        {"user_id": "NULL"},
        {"kind": "'erasure'", "donation_id": "gen_random_uuid()"},
    ],
    "ck_profiles_date_of_birth_sane": [{"date_of_birth": "'1899-12-31'"}],
    "ck_profiles_full_name_present": [{"full_name": "' '"}],
    "ck_guardian_changes_not_own_guardian": [
        {"minor_user_id": _SOMEBODY, "guardian_user_id": _SOMEBODY},
    ],
    "ck_guardian_changes_waits_until_ended": [{"ended_at": "now()"}, {"status": "'refused'"}],
    "ck_guardian_requests_answered_by_one": [
        {"guardian_user_id": "gen_random_uuid()"},
        {"status": "'confirmed'", "ended_at": "now()"},
        {"status": "'withdrawn'", "ended_at": "now()", "guardian_user_id": "gen_random_uuid()"},
    ],
    "ck_guardian_requests_expires_after_asked": [{"expires_at": "now()"}],
    "ck_guardian_requests_not_own_guardian": [
        {
            "status": "'confirmed'",
            "ended_at": "now()",
            "minor_user_id": _SOMEBODY,
            "guardian_user_id": _SOMEBODY,
        }
    ],
    "ck_guardian_requests_waits_until_ended": [{"ended_at": "now()"}, {"status": "'expired'"}],
    "ck_profiles_guardian_has_answered": [{"guardian_user_id": "gen_random_uuid()"}],
    "ck_profiles_not_own_guardian": [
        {"user_id": _SOMEBODY, "guardian_user_id": _SOMEBODY, "guardian_confirmed_at": "now()"}
    ],
    "ck_profiles_one_guardian_answer": [{"guardian_confirmed_at": "now()", "guardian_refused_at": "now()"}],
    "ck_qr_codes_price_positive": [{"price_minor": "0"}],
    "ck_qr_codes_redeemed_has_time": [{"redeemed_at": "now()"}],
    "ck_qr_codes_redeemed_is_counted": [{"partner_period_id": "gen_random_uuid()"}],
    "ck_qr_codes_shares_are_the_price": [
        {
            "status": "'redeemed'",
            "redeemed_at": "now()",
            "partner_period_id": "gen_random_uuid()",
            "partner_share_minor": "1",
            "commission_minor": "1",
        }
    ],
    "ck_referral_campaigns_referee_points_whole": [
        {"referee_reward": "'{\"points\": -1}'"},
        {"referee_reward": "'{\"points\": 0.5}'"},
        {"referee_reward": '\'{"points": "9"}\''},
        {"referee_reward": "'{\"points\": null}'"},
    ],
    "ck_referral_campaigns_referrer_points_whole": [
        {"referrer_reward": "'{\"points\": -1}'"},
        {"referrer_reward": "'{\"points\": 0.5}'"},
        {"referrer_reward": '\'{"points": "9"}\''},
        {"referrer_reward": "'{\"points\": null}'"},
    ],
    "ck_referral_campaigns_uses_within_limit": [{"uses": "2", "max_uses": "1"}, {"uses": "-1"}],
    "ck_referral_campaigns_window_forward": [{"starts_at": "now()", "ends_at": "now()"}],
    "ck_referrals_expires_after_sent": [{"sent_at": "now()", "expires_at": "now()"}],
    "ck_referrals_not_self": [{"referrer_id": _SOMEBODY, "referred_user_id": _SOMEBODY}],
    "ck_referrals_order_positive": [{"invitation_order": "0"}],
    "ck_refunds_amount_positive": [{"amount_minor": "0"}],
    "ck_settlement_adjustments_amount_not_zero": [{"amount_minor": "0"}],
    "ck_settlement_adjustments_reason_present": [{"reason": "' '"}],
    "ck_sponsor_campaigns_budget_positive": [{"budget_minor": "0"}],
    "ck_sponsor_campaigns_counts_not_negative": [
        {"impressions": "-1"},
        {"clicks": "-1"},
        {"conversions": "-1"},
    ],
    "ck_sponsor_campaigns_points_multiplier_range": [{"points_multiplier": "0.99"}],
    "ck_sponsor_campaigns_spent_within_budget": [{"spent_minor": "2", "budget_minor": "1"}],
    "ck_sponsor_campaigns_window_forward": [{"starts_at": "now()", "ends_at": "now()"}],
    "ck_sponsor_contact_batches_counts_fit": [
        {"sent_count": "2", "selected_count": "1"},
        {"sent_count": "-1"},
    ],
    "ck_sponsor_contacts_phone_or_email": [{"phone": "NULL", "email": "NULL"}],
    "ck_sponsor_contacts_position_not_negative": [{"position": "-1"}],
    "ck_sponsor_daily_limits_counts_not_negative": [
        {"consecutive_active_days": "-1"},
        {"total_lifetime_invitations": "-1"},
        {"current_batch_start": "-1"},
    ],
    "ck_stored_files_size_positive": [{"size_bytes": "0"}],
    "ck_team_invitations_answer_has_person": [
        {"status": "'accepted'", "answered_at": "now()"},
        {"user_id": _SOMEBODY},
    ],
    "ck_team_invitations_answer_has_time": [
        {"status": "'canceled'"},
        {"answered_at": "now()"},
    ],
    "ck_team_invitations_contact_normalised": [{"contact": "'Awa@example.org'"}, {"contact": "' '"}],
    "ck_team_invitations_expires_after_sent": [{"sent_at": "now()", "expires_at": "now()"}],
    "ck_team_invitations_of_one_organisation": [
        {"partner_id": "NULL", "role": "'owner'"},
        {"company_id": _SOMEBODY, "role": "'owner'"},
    ],
    "ck_team_invitations_role_of_its_kind": [
        {"role": "'viewer'"},
        {"role": "'staff'", "partner_id": "NULL", "company_id": _SOMEBODY},
    ],
    "ck_team_invitations_sent_once": [{"times_sent": "0"}],
    "ck_user_blocks_two_people": [{"blocker_user_id": _SOMEBODY, "blocked_user_id": _SOMEBODY}],
    "ck_user_connections_trust_strength_range": [{"trust_strength": "-1"}, {"trust_strength": "101"}],
    "ck_user_connections_two_people": [{"requester_user_id": _SOMEBODY, "addressee_user_id": _SOMEBODY}],
    "ck_user_locations_latitude_range": [{"latitude": "90.1"}, {"latitude": "-90.1"}],
    "ck_user_locations_longitude_range": [{"longitude": "180.1"}, {"longitude": "-180.1"}],
    "ck_user_metadata_lifetime_value_not_negative": [{"lifetime_value_minor": "-1"}],
    "ck_user_security_failed_count_not_negative": [{"failed_count": "-1"}],
    "ck_users_not_referred_by_self": [{"id": _SOMEBODY, "referred_by": _SOMEBODY}],
    "ck_users_duties_known": [{"duties": "ARRAY['leisure']"}],
    "ck_users_roles_known": [{"roles": "ARRAY['emperor']"}, {"roles": "'{}'"}],
    "ck_users_trust_score_range": [{"trust_score": "-0.1"}, {"trust_score": "100.1"}],
    "ck_contact_changes_old_one_may_take_back": [{"take_back_hash": "NULL"}],
    "ck_passkeys_sign_count_not_negative": [{"sign_count": "-1"}],
    "ck_pending_sign_ins_attempts_not_negative": [{"attempts": "-1"}],
    "ck_day_counts_taken_not_negative": [{"taken": "-1"}],
    "ck_verification_tokens_attempts_not_negative": [{"attempts": "-1"}],
}
# What two rows must have alike to meet at an index whose columns alone do not say it.
TWINS: dict[str, list[Row]] = {
    "ex_partner_settlements_period": [
        {"partner_id": _SOMEBODY, "period_start": "'2026-01-01'", "period_end": "'2026-01-31'"},
        {"partner_id": _SOMEBODY, "period_start": "'2026-01-31'", "period_end": "'2026-02-28'"},
    ],
    "uq_identity_documents_verified": [{"id_hash": "'same'", "status": "'verified'"}] * 2,
    "uq_notification_templates_active": [
        {"template_key": "'same'", "locale": "'fr'", "version": version, "is_active": "true"}
        for version in ("1", "2")
    ],
    "uq_payment_methods_default": [{"partner_id": _SOMEBODY, "use": "'receive'", "is_default": "true"}] * 2,
    "uq_point_awards_once": [{"referral_id": _SOMEBODY, "event_type": "'pot_opened'"}] * 2,
    "uq_privacy_requests_donation_id": [
        {"kind": "'erasure'", "user_id": "NULL", "donation_id": _SOMEBODY, "status": "'done'"}
    ]
    * 2,
    "uq_referrals_pending_email": [
        {"referrer_id": _SOMEBODY, "referred_email": mail, "invitation_status": "'sent'"}
        for mail in ("'a@example.org'", "'A@Example.org'")
    ],
    "uq_referrals_pending_phone": [
        {"referrer_id": _SOMEBODY, "referred_phone": "'+221770000001'", "invitation_status": "'sent'"}
    ]
    * 2,
    "uq_sponsor_companies_name": [{"name": "'Orange'"}, {"name": "'ORANGE'"}],
    "uq_sponsor_contacts_email": [
        {"sponsor_user_id": _SOMEBODY, "position": place, "email": "'a@example.org'"} for place in ("1", "2")
    ],
    "uq_sponsor_contacts_phone": [
        {"sponsor_user_id": _SOMEBODY, "position": place, "phone": "'+221770000001'"} for place in ("1", "2")
    ],
    "uq_team_invitations_waiting_company": [
        {
            "partner_id": "NULL",
            "company_id": _SOMEBODY,
            "role": "'viewer'",
            "contact": "'a@example.org'",
            "status": "'waiting'",
        }
    ]
    * 2,
    "uq_team_invitations_waiting_partner": [
        {"partner_id": _SOMEBODY, "contact": "'a@example.org'", "status": "'waiting'"}
    ]
    * 2,
    "uq_user_addresses_default": [{"user_id": _SOMEBODY, "type": "'primary'", "is_default": "true"}] * 2,
    "uq_user_connections_pair": [
        {"requester_user_id": _SOMEBODY, "addressee_user_id": _ANOTHER},
        {"requester_user_id": _ANOTHER, "addressee_user_id": _SOMEBODY},
    ],
    "uq_users_email_lower": [{"email": "'a@example.org'"}, {"email": "'A@EXAMPLE.org'"}],
    "uq_users_username_lower": [{"username": "'awa'"}, {"username": "'AWA'"}],
}
